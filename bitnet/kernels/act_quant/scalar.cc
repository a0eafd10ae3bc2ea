// Portable kernel. Plain loops without branches, which compilers turn into SSE2 or NEON code.

#include <bit>
#include <cstdint>

#include "bitnet/kernels/act_quant/act_quant_kernels.h"

namespace bitnet {
namespace {

// v + 1.5 * 2^23 is v rounded to the nearest integer, ties to even, in units of the last bit, when |v| < 2^22: the
// difference of the two bit patterns is that integer. No libm, and no conversion that is undefined for NaN.
constexpr float kRoundMagic = 12582912.0f;
constexpr uint32_t kRoundMagicBits = 0x4b400000;
static_assert(std::bit_cast<uint32_t>(kRoundMagic) == kRoundMagicBits);

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
    int32_t code = static_cast<int32_t>(std::bit_cast<uint32_t>(x[i] * scale + kRoundMagic) - kRoundMagicBits);
    code = code > -128 ? code : -128;
    code = code < 127 ? code : 127;
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
