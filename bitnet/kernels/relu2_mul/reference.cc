#include "bitnet/kernels/relu2_mul/reference.h"

namespace bitnet {

void Relu2MulReference(const Relu2MulArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t i = 0; i < args.dim; ++i) {
      const int64_t at = row * args.dim + i;
      float relu = 0.0f;
      if (args.gate[at] > 0.0f) relu = args.gate[at];
      const float squared = relu * relu;
      args.out[at] = squared * args.up[at];
    }
  }
}

}  // namespace bitnet
