#include <immintrin.h>

#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"

namespace bitnet {
namespace {

// ca1::Exp in each lane. Far below the cutoff n may overflow: the mask at the end takes whatever came out of it.
inline __m256 Exp(__m256 x) {
  const __m256 magic = _mm256_set1_ps(12582912.0f);
  const __m256 n =
      _mm256_sub_ps(_mm256_add_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504088896340736f)), magic), magic);
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), x);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440054690583e-4f), r);
  __m256 p = _mm256_set1_ps(1.9875691500e-4f);
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.3981999507e-3f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(8.3334519073e-3f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(4.1665795894e-2f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.6666665459e-1f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(5.0000001201e-1f));
  p = _mm256_add_ps(_mm256_fmadd_ps(p, _mm256_mul_ps(r, r), r), _mm256_set1_ps(1.0f));
  const __m256i scaled = _mm256_add_epi32(_mm256_castps_si256(p), _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23));
  return _mm256_and_ps(_mm256_castsi256_ps(scaled), _mm256_cmp_ps(x, _mm256_set1_ps(-87.0f), _CMP_GE_OQ));
}

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
