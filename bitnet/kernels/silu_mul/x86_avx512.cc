#include <immintrin.h>

#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"

namespace bitnet {
namespace {

// ca1::Exp in each lane. Far below the cutoff n may overflow: the mask at the end takes whatever came out of it.
inline __m512 Exp(__m512 x) {
  const __m512 magic = _mm512_set1_ps(12582912.0f);
  const __m512 n =
      _mm512_sub_ps(_mm512_add_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504088896340736f)), magic), magic);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440054690583e-4f), r);
  __m512 p = _mm512_set1_ps(1.9875691500e-4f);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507e-3f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073e-3f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894e-2f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201e-1f));
  p = _mm512_add_ps(_mm512_fmadd_ps(p, _mm512_mul_ps(r, r), r), _mm512_set1_ps(1.0f));
  const __m512i scaled = _mm512_add_epi32(_mm512_castps_si512(p), _mm512_slli_epi32(_mm512_cvtps_epi32(n), 23));
  const __mmask16 above = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-87.0f), _CMP_GE_OQ);
  return _mm512_maskz_mov_ps(above, _mm512_castsi512_ps(scaled));
}

inline __m512 SiluMul16(__m512 x, __m512 up) {
  const __m512 e = Exp(_mm512_or_ps(x, _mm512_set1_ps(-0.0f)));  // of -|x|
  const __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
  const __m512 numerator = _mm512_mask_mul_ps(x, negative, x, e);
  return _mm512_mul_ps(_mm512_div_ps(numerator, _mm512_add_ps(_mm512_set1_ps(1.0f), e)), up);
}

}  // namespace

void SiluMulF32Avx512(const SiluMulArgs& args, int64_t begin, int64_t end) {
  const int64_t last = end * args.dim;
  int64_t i = begin * args.dim;
  for (; i + 16 <= last; i += 16) {
    _mm512_storeu_ps(args.out + i, SiluMul16(_mm512_loadu_ps(args.gate + i), _mm512_loadu_ps(args.up + i)));
  }
  if (i < last) {
    const __mmask16 mask = static_cast<__mmask16>((1u << (last - i)) - 1);
    const __m512 gate = _mm512_maskz_loadu_ps(mask, args.gate + i);
    const __m512 up = _mm512_maskz_loadu_ps(mask, args.up + i);
    _mm512_mask_storeu_ps(args.out + i, mask, SiluMul16(gate, up));
  }
}

}  // namespace bitnet
