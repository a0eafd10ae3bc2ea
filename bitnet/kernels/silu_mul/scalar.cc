#include <cmath>

#include "bitnet/base/ca1.h"
#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"

namespace bitnet {

void SiluMulF32Scalar(const SiluMulArgs& args, int64_t begin, int64_t end) {
  for (int64_t i = begin * args.dim; i < end * args.dim; ++i) {
    const float x = args.gate[i];
    const float e = ca1::Exp(-std::fabs(x));
    args.out[i] = (x < 0.0f ? x * e : x) / (1.0f + e) * args.up[i];
  }
}

}  // namespace bitnet
