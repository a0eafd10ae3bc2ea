// Argmax with AVX2: the maximum of one block after another; only the block that holds the first overall maximum is
// searched for its index.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/sample/argmax_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kBlock = 4096;  // 16 KiB: still in L1 when it is searched

// The maximum of x[0, n); sets *nan when any is NaN.
float BlockMax(const float* x, int64_t n, bool* nan) {
  const __m256 lowest = _mm256_set1_ps(-__builtin_inff());
  __m256 max[4] = {lowest, lowest, lowest, lowest};
  __m256 unordered = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) {
    for (int j = 0; j < 4; ++j) {
      const __m256 v = _mm256_loadu_ps(x + i + 8 * j);
      unordered = _mm256_or_ps(unordered, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
      max[j] = _mm256_max_ps(max[j], v);
    }
  }
  *nan |= _mm256_movemask_ps(unordered) != 0;
  const __m256 eight = _mm256_max_ps(_mm256_max_ps(max[0], max[1]), _mm256_max_ps(max[2], max[3]));
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  float best = _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
  for (; i < n; ++i) {
    *nan |= x[i] != x[i];
    if (x[i] > best) best = x[i];
  }
  return best;
}

}  // namespace

int64_t ArgmaxF32Avx2(const float* x, int64_t n) {
  float best = -__builtin_inff();
  int64_t best_block = 0;
  bool nan = false;
  for (int64_t start = 0; start < n; start += kBlock) {
    const float max = BlockMax(x + start, n - start < kBlock ? n - start : kBlock, &nan);
    if (max > best) {
      best = max;
      best_block = start;
    }
  }
  if (nan) return -1;
  const __m256 target = _mm256_set1_ps(best);
  int64_t i = best_block;
  for (; i + 8 <= n; i += 8) {
    const int equal = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(x + i), target, _CMP_EQ_OQ));
    if (equal != 0) return i + __builtin_ctz(equal);
  }
  while (x[i] != best) ++i;
  return i;
}

}  // namespace bitnet
