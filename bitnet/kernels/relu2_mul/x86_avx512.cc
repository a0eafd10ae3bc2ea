#include <immintrin.h>

#include "bitnet/kernels/relu2_mul/relu2_mul_kernels.h"

namespace bitnet {
namespace {

// maxps returns its second operand when both are zeros: -0 becomes +0.
__m512 Relu2Mul16(__m512 gate, __m512 up) {
  const __m512 r = _mm512_max_ps(gate, _mm512_setzero_ps());
  return _mm512_mul_ps(_mm512_mul_ps(r, r), up);
}

}  // namespace

void Relu2MulF32Avx512(const Relu2MulArgs& args, int64_t begin, int64_t end) {
  const int64_t last = end * args.dim;
  int64_t i = begin * args.dim;
  for (; i + 16 <= last; i += 16) {
    _mm512_storeu_ps(args.out + i, Relu2Mul16(_mm512_loadu_ps(args.gate + i), _mm512_loadu_ps(args.up + i)));
  }
  if (i < last) {
    const __mmask16 mask = static_cast<__mmask16>((1u << (last - i)) - 1);
    const __m512 gate = _mm512_maskz_loadu_ps(mask, args.gate + i);
    const __m512 up = _mm512_maskz_loadu_ps(mask, args.up + i);
    _mm512_mask_storeu_ps(args.out + i, mask, Relu2Mul16(gate, up));
  }
}

}  // namespace bitnet
