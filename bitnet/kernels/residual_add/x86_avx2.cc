#include <immintrin.h>

#include "bitnet/kernels/residual_add/residual_add_kernels.h"

namespace bitnet {

void ResidualAddF32Avx2(const ResidualAddArgs& args, int64_t begin, int64_t end) {
  const int64_t last = end * args.dim;
  int64_t i = begin * args.dim;
  for (; i + 8 <= last; i += 8) {
    _mm256_storeu_ps(args.x + i, _mm256_add_ps(_mm256_loadu_ps(args.x + i), _mm256_loadu_ps(args.y + i)));
  }
  for (; i < last; ++i) args.x[i] = args.x[i] + args.y[i];
}

}  // namespace bitnet
