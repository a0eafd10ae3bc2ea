#include "bitnet/kernels/residual_add/residual_add_kernels.h"

namespace bitnet {

void ResidualAddF32Scalar(const ResidualAddArgs& args, int64_t begin, int64_t end) {
  for (int64_t i = begin * args.dim; i < end * args.dim; ++i) args.x[i] = args.x[i] + args.y[i];
}

}  // namespace bitnet
