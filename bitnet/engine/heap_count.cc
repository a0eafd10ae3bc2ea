#include "bitnet/engine/heap_count.h"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define BITNET_SANITIZED_HEAP 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BITNET_SANITIZED_HEAP 1
#endif

namespace {
constinit std::atomic<uint64_t> allocations{0};
}  // namespace

namespace bitnet {
uint64_t HeapAllocations() { return allocations.load(std::memory_order_relaxed); }
}  // namespace bitnet

#if defined(BITNET_SANITIZED_HEAP) || !defined(__GLIBC__)

bool bitnet::HeapIsCounted() { return false; }

#else

bool bitnet::HeapIsCounted() { return true; }

namespace {
void Count() { allocations.fetch_add(1, std::memory_order_relaxed); }
}  // namespace

// glibc's own functions, under the names that it exports for this; free stays glibc's.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) noexcept {
  Count();
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) noexcept {
  Count();
  return __libc_calloc(count, size);
}

void* realloc(void* memory, size_t size) noexcept {
  Count();
  return __libc_realloc(memory, size);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
  Count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  Count();
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}  // extern "C"

#endif
