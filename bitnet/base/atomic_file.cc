#include "bitnet/base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

std::string HiddenName(const std::string& path) {
  const std::filesystem::path target(path);
  return (target.parent_path() / absl::StrCat(".", target.filename().string(), ".", getpid(), ".partial")).string();
}

}  // namespace

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& name) {
  // A link stays a link: what it points to is replaced. A device or a pipe must not become a file.
  std::error_code error;
  std::string path = name;
  if (std::filesystem::is_symlink(name, error)) path = std::filesystem::weakly_canonical(name, error).string();
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return absl::FailedPreconditionError(absl::StrCat("cannot replace ", path, ": it is not a regular file"));
  }
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const int nameless = open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
  if (nameless >= 0) return AtomicFile(path, "", nameless);
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", path, " in folder ", folder));
  }
  std::string temporary = HiddenName(path);
  const int fd = open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", temporary));
  return AtomicFile(path, std::move(temporary), fd);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, "")),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_) {}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

absl::Status AtomicFile::Write(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path_, " at offset ", size_));
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
    size_ += static_cast<uint64_t>(written);
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Write(std::string_view bytes) {
  return Write(std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

absl::Status AtomicFile::WriteAt(uint64_t offset, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path_, " at offset ", offset));
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
    size_ = std::max(size_, offset);
  }
  return absl::OkStatus();
}

std::string AtomicFile::ReadablePath() const {
  return temporary_.empty() ? absl::StrCat("/proc/self/fd/", fd_) : temporary_;
}

absl::Status AtomicFile::Commit() {
  if (fsync(fd_) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot flush ", path_));
  if (temporary_.empty()) {
    // linkat cannot replace an existing file, so the nameless file takes a hidden name first.
    const std::string hidden = HiddenName(path_);
    unlink(hidden.c_str());
    const std::string self = absl::StrCat("/proc/self/fd/", fd_);
    if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, hidden.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot name ", hidden));
    }
    temporary_ = hidden;
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot put ", path_, " in place"));
  }
  temporary_.clear();
  return absl::OkStatus();
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  BITNET_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  BITNET_RETURN_IF_ERROR(file.Write(bytes));
  return file.Commit();
}

}  // namespace bitnet
