#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bitnet/attest/ledger.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::attest {
namespace {

// Calls `call` again while a signal interrupts it.
template <typename Call>
auto Retry(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

absl::Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = Retry([&] { return write(fd, bytes.data(), bytes.size()); });
    if (written < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot append to ", path));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (Retry([&] { return fsync(fd); }) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot flush ", path));
  return absl::OkStatus();
}

// The whole file, but never more than a ledger may have and one byte.
absl::StatusOr<std::string> ReadAll(int fd, uint64_t size, const std::string& path) {
  std::string text(std::min<uint64_t>(size, kMaxLedgerBytes + 1), '\0');
  size_t have = 0;
  while (have < text.size()) {
    const ssize_t got =
        Retry([&] { return pread(fd, text.data() + have, text.size() - have, static_cast<off_t>(have)); });
    if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  text.resize(have);
  return text;
}

}  // namespace

absl::StatusOr<LedgerFile> LedgerFile::Open(const std::string& path) {
  const int fd = Retry([&] { return open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC); });
  if (fd < 0 && errno == ENOENT) {
    return absl::NotFoundError(
        absl::StrCat("no ledger at ", path, "; if none has been kept so far, begin an empty one: touch ", path));
  }
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ledger ", path));
  LedgerFile file(path, fd);
  if (Retry([&] { return flock(fd, LOCK_EX); }) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot lock ledger ", path));
  }
  struct stat facts;
  if (fstat(fd, &facts) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ledger ", path));
  if (!S_ISREG(facts.st_mode)) return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file"));
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadAll(fd, static_cast<uint64_t>(facts.st_size), path));
  absl::StatusOr<Ledger> ledger = Ledger::Parse(text);
  if (!ledger.ok()) {
    return absl::Status(ledger.status().code(), absl::StrCat(path, ": ", ledger.status().message()));
  }
  file.ledger_ = *std::move(ledger);
  return file;
}

LedgerFile::LedgerFile(LedgerFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), ledger_(std::move(other.ledger_)) {}

LedgerFile::~LedgerFile() {
  if (fd_ >= 0) close(fd_);  // and with it the lock goes
}

absl::Status LedgerFile::Append(const LedgerEntry& entry) {
  const uint64_t before = ledger_.size() * kLedgerLineBytes;
  if (before + kLedgerLineBytes > kMaxLedgerBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("ledger ", path_,
                     " is full; put it away and begin an empty one when all challenges issued so far "
                     "have expired"));
  }
  BITNET_ASSIGN_OR_RETURN(const std::string line, ledger_.NextLine(entry));
  if (absl::Status written = WriteAll(fd_, line, path_); !written.ok()) {
    // A part of a line would stop every later reader. If cutting it off fails too, the reader says what to do.
    [[maybe_unused]] const int cut = ftruncate(fd_, static_cast<off_t>(before));
    return written;
  }
  return ledger_.Append(entry).status();
}

}  // namespace bitnet::attest
