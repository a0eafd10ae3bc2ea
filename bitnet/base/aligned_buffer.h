// AlignedBuffer: a fixed array of trivial values on a cache-line (and AVX-512 vector) boundary.

#ifndef BITNET_BASE_ALIGNED_BUFFER_H_
#define BITNET_BASE_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "absl/log/check.h"

namespace bitnet {

inline constexpr size_t kBufferAlignment = 64;

// Zeroed, move-only. Large buffers come from the kernel as untouched zero pages, so memory that is never
// used (the far end of a KV cache) costs address space only.
template <typename T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) : size_(size) {
    if (size == 0) return;
    CHECK_LE(size, (SIZE_MAX - kBufferAlignment) / sizeof(T));
    // calloc keeps fresh pages untouched; aligned_alloc + memset would not.
    base_.reset(static_cast<std::byte*>(std::calloc(size * sizeof(T) + kBufferAlignment, 1)));
    CHECK(base_ != nullptr) << "out of memory: " << size * sizeof(T) << " bytes";
    void* start = base_.get();
    size_t space = size * sizeof(T) + kBufferAlignment;
    data_ = static_cast<T*>(std::align(kBufferAlignment, size * sizeof(T), start, space));
  }
  AlignedBuffer(AlignedBuffer&& other) noexcept { *this = std::move(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }

 private:
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> base_;
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace bitnet

#endif  // BITNET_BASE_ALIGNED_BUFFER_H_
