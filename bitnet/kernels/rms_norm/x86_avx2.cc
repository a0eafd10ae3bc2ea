#include <immintrin.h>

#include "bitnet/kernels/rms_norm/rms_norm_kernels.h"

namespace bitnet {
namespace {

// The 32 lanes are four registers: lanes[j] holds virtual lanes 8j..8j+7.
struct Lanes {
  __m256 v[4];
};

void Accumulate(const float* x, Lanes& lanes) {
  for (int j = 0; j < 4; ++j) {
    const __m256 a = _mm256_loadu_ps(x + 8 * j);
    lanes.v[j] = _mm256_fmadd_ps(a, a, lanes.v[j]);
  }
}

// Tree 16, 8, 4, 2, 1.
float Reduce(const Lanes& lanes) {
  const __m256 a = _mm256_add_ps(_mm256_add_ps(lanes.v[0], lanes.v[2]), _mm256_add_ps(lanes.v[1], lanes.v[3]));
  const __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  const __m128 c = _mm_add_ps(b, _mm_movehl_ps(b, b));
  return _mm_cvtss_f32(_mm_add_ss(c, _mm_movehdup_ps(c)));
}

float SumOfSquares(const float* x, int64_t dim) {
  Lanes lanes = {{_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()}};
  int64_t i = 0;
  for (; i + 32 <= dim; i += 32) Accumulate(x + i, lanes);
  if (i < dim) {
    alignas(32) float tail[32] = {};  // fma(0, 0, lane) leaves a lane as it is
    for (int64_t j = i; j < dim; ++j) tail[j - i] = x[j];
    Accumulate(tail, lanes);
  }
  return Reduce(lanes);
}

// 1 / sqrt(mean + eps) in single IEEE operations; never rsqrt.
float Scale(float ss, int64_t dim, float eps) {
  const __m128 mean = _mm_set_ss(ss / static_cast<float>(dim) + eps);
  return _mm_cvtss_f32(_mm_div_ss(_mm_set_ss(1.0f), _mm_sqrt_ss(mean)));
}

}  // namespace

void RmsNormF32Avx2(const RmsNormArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const float* x = args.x + row * args.dim;
    float* y = args.y + row * args.dim;
    const float scale = Scale(SumOfSquares(x, args.dim), args.dim, args.eps);
    const __m256 scales = _mm256_set1_ps(scale);
    int64_t i = 0;
    for (; i + 8 <= args.dim; i += 8) {
      const __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(x + i), scales);
      _mm256_storeu_ps(y + i, _mm256_mul_ps(scaled, _mm256_loadu_ps(args.weight + i)));
    }
    for (; i < args.dim; ++i) y[i] = (x[i] * scale) * args.weight[i];
  }
}

}  // namespace bitnet
