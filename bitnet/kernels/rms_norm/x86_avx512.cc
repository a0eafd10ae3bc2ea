#include <immintrin.h>

#include "bitnet/kernels/rms_norm/rms_norm_kernels.h"

namespace bitnet {
namespace {

// Lanes of a 16-wide vector that hold elements when `left` are left: zero-padding by mask.
__mmask16 Mask(int64_t left) {
  if (left >= 16) return 0xffff;
  return left <= 0 ? 0 : static_cast<__mmask16>((1u << left) - 1);
}

// The 32 virtual lanes are two registers; then tree 16, 8, 4, 2, 1.
float SumOfSquares(const float* x, int64_t dim) {
  __m512 low = _mm512_setzero_ps();
  __m512 high = _mm512_setzero_ps();
  int64_t i = 0;
  for (; i + 32 <= dim; i += 32) {
    const __m512 a = _mm512_loadu_ps(x + i);
    const __m512 b = _mm512_loadu_ps(x + i + 16);
    low = _mm512_fmadd_ps(a, a, low);
    high = _mm512_fmadd_ps(b, b, high);
  }
  const __mmask16 low_mask = Mask(dim - i);
  const __mmask16 high_mask = Mask(dim - i - 16);
  const __m512 a = _mm512_maskz_loadu_ps(low_mask, x + i);
  const __m512 b = _mm512_maskz_loadu_ps(high_mask, x + i + 16);
  low = _mm512_fmadd_ps(a, a, low);
  high = _mm512_fmadd_ps(b, b, high);
  const __m512 sum16 = _mm512_add_ps(low, high);
  const __m256 sum8 = _mm256_add_ps(_mm512_castps512_ps256(sum16), _mm512_extractf32x8_ps(sum16, 1));
  const __m128 sum4 = _mm_add_ps(_mm256_castps256_ps128(sum8), _mm256_extractf128_ps(sum8, 1));
  const __m128 sum2 = _mm_add_ps(sum4, _mm_movehl_ps(sum4, sum4));
  return _mm_cvtss_f32(_mm_add_ss(sum2, _mm_movehdup_ps(sum2)));
}

// 1 / sqrt(mean + eps) in single IEEE operations; never rsqrt.
float Scale(float ss, int64_t dim, float eps) {
  const __m128 mean = _mm_set_ss(ss / static_cast<float>(dim) + eps);
  return _mm_cvtss_f32(_mm_div_ss(_mm_set_ss(1.0f), _mm_sqrt_ss(mean)));
}

}  // namespace

void RmsNormF32Avx512(const RmsNormArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const float* x = args.x + row * args.dim;
    float* y = args.y + row * args.dim;
    const __m512 scale = _mm512_set1_ps(Scale(SumOfSquares(x, args.dim), args.dim, args.eps));
    for (int64_t i = 0; i < args.dim; i += 16) {
      const __mmask16 mask = Mask(args.dim - i);
      const __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), scale);
      _mm512_mask_storeu_ps(y + i, mask, _mm512_mul_ps(scaled, _mm512_maskz_loadu_ps(mask, args.weight + i)));
    }
  }
}

}  // namespace bitnet
