// MappedFile: a file's bytes, read-only, as the page cache holds them.

#ifndef BITNET_BASE_MAPPED_FILE_H_
#define BITNET_BASE_MAPPED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace bitnet {

// Move-only; unmaps on destruction. Immutable after Open, so safe to share between threads. A file that
// another process truncates while it is mapped raises SIGBUS: that cannot be turned into a Status.
class MappedFile {
 public:
  // NotFound / PermissionDenied / FailedPrecondition (not a regular file), each with path and reason.
  static absl::StatusOr<MappedFile> Open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const uint8_t> bytes() const { return {data_, size_}; }
  const std::string& path() const { return path_; }

  // Takes the whole pages of `part`, a part of bytes(), out of the process's memory. The bytes stay what they are: the
  // next read of one fetches it from the page cache, or from the file.
  void Release(std::span<const uint8_t> part) const;

 private:
  MappedFile(std::string path, const uint8_t* data, size_t size) : path_(std::move(path)), data_(data), size_(size) {}

  std::string path_;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace bitnet

#endif  // BITNET_BASE_MAPPED_FILE_H_
