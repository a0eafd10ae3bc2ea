#include "bitnet/kernels/act_quant/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace bitnet {
namespace {

// To the nearest integer, ties to even. The difference of v and its floor is exact for |v| < 2^23.
float RoundHalfEven(float v) {
  const float below = std::floor(v);
  const float rest = v - below;
  if (rest != 0.5f) return rest < 0.5f ? below : below + 1;
  return std::fmod(below, 2.0f) == 0.0f ? below : below + 1;
}

}  // namespace

void ActQuantReference(const ActQuantArgs& args) {
  for (int64_t row = 0; row < args.rows; ++row) {
    const float* x = args.x + row * args.dim;
    float absmax = 0;
    for (int64_t i = 0; i < args.dim; ++i) absmax = std::max(absmax, std::fabs(x[i]));
    const float scale = 127.0f / std::max(absmax, 1e-5f);
    int64_t sum = 0;
    for (int64_t i = 0; i < args.dim; ++i) {
      const float code = std::clamp(RoundHalfEven(x[i] * scale), -128.0f, 127.0f);
      args.q[row * args.dim + i] = static_cast<int8_t>(code);
      sum += static_cast<int64_t>(code);
    }
    args.scale[row] = scale;
    args.sum[row] = static_cast<int32_t>(sum);
  }
}

}  // namespace bitnet
