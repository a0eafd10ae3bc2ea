#include <immintrin.h>

#include "bitnet/kernels/relu2_mul/relu2_mul_kernels.h"

namespace bitnet {

void Relu2MulF32Avx2(const Relu2MulArgs& args, int64_t begin, int64_t end) {
  const __m256 zero = _mm256_setzero_ps();
  const int64_t last = end * args.dim;
  int64_t i = begin * args.dim;
  for (; i + 8 <= last; i += 8) {
    // maxps returns its second operand when both are zeros: -0 becomes +0.
    const __m256 r = _mm256_max_ps(_mm256_loadu_ps(args.gate + i), zero);
    _mm256_storeu_ps(args.out + i, _mm256_mul_ps(_mm256_mul_ps(r, r), _mm256_loadu_ps(args.up + i)));
  }
  for (; i < last; ++i) {
    const float r = args.gate[i] > 0.0f ? args.gate[i] : 0.0f;
    args.out[i] = (r * r) * args.up[i];
  }
}

}  // namespace bitnet
