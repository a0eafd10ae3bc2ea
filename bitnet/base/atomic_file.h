// AtomicFile: a file that exists whole or not at all.

#ifndef BITNET_BASE_ATOMIC_FILE_H_
#define BITNET_BASE_ATOMIC_FILE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bitnet {

// Writes to a nameless file in the target's folder (O_TMPFILE) and gives it its name in Commit. A crash, a
// signal or a missing Commit leaves nothing behind and the old file, if any, untouched. File systems without
// O_TMPFILE get a hidden temporary name, removed on destruction. Not thread-safe; move-only.
class AtomicFile {
 public:
  // FailedPrecondition when something other than a regular file stands there; a symbolic link is followed.
  static absl::StatusOr<AtomicFile> Create(const std::string& name);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  // Appends. ResourceExhausted and the like carry path and errno text.
  absl::Status Write(std::span<const uint8_t> bytes);
  absl::Status Write(std::string_view bytes);

  // Writes at an offset instead; what is never written reads as zeros. One file is either appended to or written so.
  absl::Status WriteAt(uint64_t offset, std::span<const uint8_t> bytes);

  uint64_t size() const { return size_; }

  // Where what has been written so far can be read while this object lives, by this process, before Commit.
  std::string ReadablePath() const;

  // Flushes to the disk and puts the file in place, replacing what was there. Call once, last.
  absl::Status Commit();

 private:
  AtomicFile(std::string path, std::string temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

  std::string path_;
  std::string temporary_;  // the hidden name; empty while the file is nameless
  int fd_ = -1;
  uint64_t size_ = 0;
};

// Create, Write, Commit.
absl::Status WriteFileAtomically(const std::string& path, std::string_view bytes);

}  // namespace bitnet

#endif  // BITNET_BASE_ATOMIC_FILE_H_
