#include <immintrin.h>

#include "bitnet/kernels/ca1_exp_avx2.h"
#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"

namespace bitnet {
namespace {

inline __m256 SiluMul8(__m256 x, __m256 up) {
  const __m256 e = Exp(_mm256_or_ps(x, _mm256_set1_ps(-0.0f)));  // of -|x|
  const __m256 negative = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ);
  const __m256 numerator = _mm256_blendv_ps(x, _mm256_mul_ps(x, e), negative);
  return _mm256_mul_ps(_mm256_div_ps(numerator, _mm256_add_ps(_mm256_set1_ps(1.0f), e)), up);
}

// All bits set in the lanes below `n` < 8.
inline __m256i First(int64_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

}  // namespace

void SiluMulF32Avx2(const SiluMulArgs& args, int64_t begin, int64_t end) {
  const int64_t last = end * args.dim;
  int64_t i = begin * args.dim;
  for (; i + 8 <= last; i += 8) {
    _mm256_storeu_ps(args.out + i, SiluMul8(_mm256_loadu_ps(args.gate + i), _mm256_loadu_ps(args.up + i)));
  }
  if (i < last) {
    const __m256i mask = First(last - i);
    const __m256 gate = _mm256_maskload_ps(args.gate + i, mask);
    const __m256 up = _mm256_maskload_ps(args.up + i, mask);
    _mm256_maskstore_ps(args.out + i, mask, SiluMul8(gate, up));
  }
}

}  // namespace bitnet
