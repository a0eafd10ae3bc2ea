// Argmax with AVX-512: the maximum of one block after another; only the block that holds the first overall maximum is
// searched for its index.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/sample/argmax_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kBlock = 4096;  // 16 KiB: still in L1 when it is searched

inline __mmask16 First(int64_t n) { return n >= 16 ? 0xffff : static_cast<__mmask16>((1u << (n > 0 ? n : 0)) - 1); }

// The maximum of x[0, n); sets *nan when any is NaN.
float BlockMax(const float* x, int64_t n, __mmask16* nan) {
  const __m512 lowest = _mm512_set1_ps(-__builtin_inff());
  __m512 max[4] = {lowest, lowest, lowest, lowest};
  __mmask16 unordered = 0;
  for (int64_t i = 0; i < n; i += 64) {
    for (int j = 0; j < 4; ++j) {
      const __m512 v = _mm512_mask_loadu_ps(lowest, First(n - i - 16 * j), x + i + 16 * j);
      unordered |= _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
      max[j] = _mm512_max_ps(max[j], v);
    }
  }
  *nan |= unordered;
  return _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(max[0], max[1]), _mm512_max_ps(max[2], max[3])));
}

}  // namespace

int64_t ArgmaxF32Avx512(const float* x, int64_t n) {
  float best = -__builtin_inff();
  int64_t best_block = 0;
  __mmask16 nan = 0;
  for (int64_t start = 0; start < n; start += kBlock) {
    const float max = BlockMax(x + start, n - start < kBlock ? n - start : kBlock, &nan);
    if (max > best) {
      best = max;
      best_block = start;
    }
  }
  if (nan != 0) return -1;
  const __m512 target = _mm512_set1_ps(best);
  for (int64_t i = best_block;; i += 16) {
    const __mmask16 valid = First(n - i);
    const __mmask16 equal = _mm512_mask_cmp_ps_mask(valid, _mm512_maskz_loadu_ps(valid, x + i), target, _CMP_EQ_OQ);
    if (equal != 0) return i + __builtin_ctz(equal);
  }
}

}  // namespace bitnet
