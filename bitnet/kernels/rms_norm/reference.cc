#include "bitnet/kernels/rms_norm/reference.h"

#include <cmath>

namespace bitnet {

// Spells out the 32-lane sum of CA-1 instead of calling ca1::Dot, which the scalar kernel uses.
void RmsNormReference(const RmsNormArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    float lanes[32] = {};
    for (int64_t i = 0; i < args.dim; ++i) {
      const float x = args.x[row * args.dim + i];
      lanes[i % 32] = std::fma(x, x, lanes[i % 32]);
    }
    for (int half = 16; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
    }
    const float mean = lanes[0] / static_cast<float>(args.dim);
    const float scale = 1.0f / std::sqrt(mean + args.eps);
    for (int64_t i = 0; i < args.dim; ++i) {
      const float scaled = args.x[row * args.dim + i] * scale;
      args.y[row * args.dim + i] = scaled * args.weight[i];
    }
  }
}

}  // namespace bitnet
