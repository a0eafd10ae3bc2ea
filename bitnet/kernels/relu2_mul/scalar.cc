#include "bitnet/kernels/relu2_mul/relu2_mul_kernels.h"

namespace bitnet {

void Relu2MulF32Scalar(const Relu2MulArgs& args, int64_t begin, int64_t end) {
  for (int64_t i = begin * args.dim; i < end * args.dim; ++i) {
    const float r = args.gate[i] > 0.0f ? args.gate[i] : 0.0f;
    args.out[i] = (r * r) * args.up[i];
  }
}

}  // namespace bitnet
