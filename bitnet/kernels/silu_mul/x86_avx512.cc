#include <immintrin.h>

#include "bitnet/kernels/ca1_exp_avx512.h"
#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"

namespace bitnet {
namespace {

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
