#include <cmath>

#include "bitnet/base/ca1.h"
#include "bitnet/kernels/rms_norm/rms_norm_kernels.h"

namespace bitnet {

void RmsNormF32Scalar(const RmsNormArgs& args, int64_t begin, int64_t end) {
  const size_t dim = static_cast<size_t>(args.dim);
  for (int64_t row = begin; row < end; ++row) {
    const float* x = args.x + row * args.dim;
    float* y = args.y + row * args.dim;
    const float ss = ca1::Dot({x, dim}, {x, dim});
    const float scale = 1.0f / std::sqrt(ss / static_cast<float>(args.dim) + args.eps);
    for (size_t i = 0; i < dim; ++i) y[i] = (x[i] * scale) * args.weight[i];
  }
}

}  // namespace bitnet
