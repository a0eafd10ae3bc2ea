// Prefetching, for files of any x86 instruction set.

#ifndef BITNET_KERNELS_PREFETCH_X86_H_
#define BITNET_KERNELS_PREFETCH_X86_H_

#include <immintrin.h>

#include <cstdint>

namespace bitnet {
namespace {

// Asks for the cache line `ahead` bytes after `at`, which may be past what is read: a prefetch never faults, and a
// pointer past the end may not be formed.
inline void PrefetchAt(const void* at, int64_t ahead) {
  _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(at) + static_cast<uintptr_t>(ahead)),
               _MM_HINT_T0);
}

// The same into the second-level cache.
inline void PrefetchFar(const void* at, int64_t ahead) {
  _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(at) + static_cast<uintptr_t>(ahead)),
               _MM_HINT_T1);
}

// For streams that are computed with for longer than memory takes to deliver them: far ahead into the second-level
// cache, so that memory is never idle, and near into the first.
inline void PrefetchStream(const void* at) {
  PrefetchFar(at, 16384);
  PrefetchAt(at, 1024);
}

}  // namespace
}  // namespace bitnet

#endif  // BITNET_KERNELS_PREFETCH_X86_H_
