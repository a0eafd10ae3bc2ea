// ByteReader: the only reader of bytes from outside. Every read is bounds-checked before it happens and
// every error says what was being read, where, how much was expected and how much was left.

#ifndef BITNET_BASE_BYTE_READER_H_
#define BITNET_BASE_BYTE_READER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace bitnet {

static_assert(std::endian::native == std::endian::little, "all file formats here are little-endian");

// Reads little-endian values from a span that it does not own. Not thread-safe; copy freely.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  size_t offset() const { return offset_; }
  size_t remaining() const { return bytes_.size() - offset_; }

  // Reads one arithmetic value. OutOfRange when the input ends first. `what` names it in the error.
  template <typename T>
  absl::StatusOr<T> Read(std::string_view what) {
    static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>);
    if (remaining() < sizeof(T)) return Truncated(what, sizeof(T));
    T value;
    std::memcpy(&value, bytes_.data() + offset_, sizeof(T));
    offset_ += sizeof(T);
    return value;
  }

  // The next `size` bytes, not copied. OutOfRange when the input ends first.
  absl::StatusOr<std::span<const uint8_t>> ReadBytes(uint64_t size, std::string_view what) {
    if (remaining() < size) return Truncated(what, size);
    const std::span<const uint8_t> result = bytes_.subspan(offset_, size);
    offset_ += size;
    return result;
  }

 private:
  absl::Status Truncated(std::string_view what, uint64_t wanted) const {
    return absl::OutOfRangeError(absl::StrCat("truncated input: ", what, " at offset ", offset_, " needs ", wanted,
                                              " bytes, ", remaining(), " left"));
  }

  std::span<const uint8_t> bytes_;
  size_t offset_ = 0;
};

}  // namespace bitnet

#endif  // BITNET_BASE_BYTE_READER_H_
