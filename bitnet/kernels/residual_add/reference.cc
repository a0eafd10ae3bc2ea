#include "bitnet/kernels/residual_add/reference.h"

namespace bitnet {

void ResidualAddReference(const ResidualAddArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t i = 0; i < args.dim; ++i) {
      const int64_t at = row * args.dim + i;
      args.x[at] += args.y[at];
    }
  }
}

}  // namespace bitnet
