#include <immintrin.h>

#include "bitnet/kernels/rope/rope_kernels.h"

namespace bitnet {
namespace {

void RotateHead(float* x0, float* x1, const float* cosines, const float* sines, int64_t half) {
  int64_t i = 0;
  for (; i + 8 <= half; i += 8) {
    const __m256 a = _mm256_loadu_ps(x0 + i);
    const __m256 b = _mm256_loadu_ps(x1 + i);
    const __m256 c = _mm256_loadu_ps(cosines + i);
    const __m256 s = _mm256_loadu_ps(sines + i);
    _mm256_storeu_ps(x0 + i, _mm256_sub_ps(_mm256_mul_ps(a, c), _mm256_mul_ps(b, s)));
    _mm256_storeu_ps(x1 + i, _mm256_add_ps(_mm256_mul_ps(b, c), _mm256_mul_ps(a, s)));
  }
  for (; i < half; ++i) {
    const float a = x0[i];
    const float b = x1[i];
    x0[i] = a * cosines[i] - b * sines[i];
    x1[i] = b * cosines[i] + a * sines[i];
  }
}

}  // namespace

void RopeF32Avx2(const RopeKernelArgs& args, int64_t begin, int64_t end) {
  const int64_t half = args.head_dim / 2;
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t head = 0; head < args.heads; ++head) {
      float* x = args.x + (row * args.heads + head) * args.head_dim;
      RotateHead(x, x + half, args.cosines + row * half, args.sines + row * half, half);
    }
  }
}

}  // namespace bitnet
