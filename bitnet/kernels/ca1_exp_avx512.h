// ca1::Exp with AVX-512, for the files of that instruction set only. In an anonymous namespace, so that no copy of it can
// be the one that the linker keeps for every CPU.

#ifndef BITNET_KERNELS_CA1_EXP_AVX512_H_
#define BITNET_KERNELS_CA1_EXP_AVX512_H_

#include <immintrin.h>

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

}  // namespace
}  // namespace bitnet

#endif  // BITNET_KERNELS_CA1_EXP_AVX512_H_
