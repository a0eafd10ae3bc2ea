// Portable kernel. Plain loops without branches, which compilers turn into SSE2 or NEON code.

#include <bit>
#include <cstdint>

#include "bitnet/kernels/act_quant/act_quant_kernels.h"

namespace bitnet {
namespace {

// Adding and subtracting 1.5 * 2^23 rounds |v| < 2^22 to the nearest integer, ties to even, without libm.
constexpr float kRoundMagic = 12582912.0f;

// max|x|. Without its sign bit a float orders like an integer, and NaN lies above infinity, so that a maximum of
// integers keeps a NaN that a maximum of floats could lose.
float Absmax(const float* x, int64_t n) {
  int32_t max = 0;
  for (int64_t i = 0; i < n; ++i) {
    const int32_t bits = std::bit_cast<int32_t>(x[i]) & 0x7fffffff;
    max = bits > max ? bits : max;
  }
  return std::bit_cast<float>(max);
}

int32_t QuantizeRow(const float* x, int64_t n, float scale, int8_t* q) {
  int32_t sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    float v = (x[i] * scale + kRoundMagic) - kRoundMagic;
    v = v > -128.0f ? v : -128.0f;  // also takes NaN, whose conversion would be undefined
    v = v < 127.0f ? v : 127.0f;
    const int32_t code = static_cast<int32_t>(v);
    q[i] = static_cast<int8_t>(code);
    sum += code;
  }
  return sum;
}

}  // namespace

void ActQuantI8Scalar(const ActQuantArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const float* x = args.x + row * args.dim;
    const float absmax = Absmax(x, args.dim);
    const float scale = 127.0f / (absmax < kMinAbsmax ? kMinAbsmax : absmax);
    args.scale[row] = scale;
    args.sum[row] = QuantizeRow(x, args.dim, scale, args.q + row * args.dim);
  }
}

}  // namespace bitnet
