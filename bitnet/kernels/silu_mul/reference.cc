#include "bitnet/kernels/silu_mul/reference.h"

#include <cmath>

#include "bitnet/base/ca1.h"

namespace bitnet {

void SiluMulReference(const SiluMulArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t i = 0; i < args.dim; ++i) {
      const int64_t at = row * args.dim + i;
      const float x = args.gate[at];
      const float e = ca1::Exp(-std::fabs(x));
      float numerator = x;
      if (x < 0.0f) numerator = x * e;
      const float denominator = 1.0f + e;
      const float silu = numerator / denominator;
      args.out[at] = silu * args.up[at];
    }
  }
}

}  // namespace bitnet
