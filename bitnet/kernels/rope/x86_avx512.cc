#include <immintrin.h>

#include "bitnet/kernels/rope/rope_kernels.h"

namespace bitnet {
namespace {

void RotateHead(float* x0, float* x1, const float* cosines, const float* sines, int64_t half) {
  for (int64_t i = 0; i < half; i += 16) {
    const int64_t left = half - i;
    const __mmask16 mask = left >= 16 ? 0xffff : static_cast<__mmask16>((1u << left) - 1);
    const __m512 a = _mm512_maskz_loadu_ps(mask, x0 + i);
    const __m512 b = _mm512_maskz_loadu_ps(mask, x1 + i);
    const __m512 c = _mm512_maskz_loadu_ps(mask, cosines + i);
    const __m512 s = _mm512_maskz_loadu_ps(mask, sines + i);
    _mm512_mask_storeu_ps(x0 + i, mask, _mm512_sub_ps(_mm512_mul_ps(a, c), _mm512_mul_ps(b, s)));
    _mm512_mask_storeu_ps(x1 + i, mask, _mm512_add_ps(_mm512_mul_ps(b, c), _mm512_mul_ps(a, s)));
  }
}

}  // namespace

void RopeF32Avx512(const RopeKernelArgs& args, int64_t begin, int64_t end) {
  const int64_t half = args.head_dim / 2;
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t head = 0; head < args.heads; ++head) {
      float* x = args.x + (row * args.heads + head) * args.head_dim;
      RotateHead(x, x + half, args.cosines + row * half, args.sines + row * half, half);
    }
  }
}

}  // namespace bitnet
