#include "bitnet/kernels/embed/reference.h"

#include <bit>
#include <cmath>

namespace bitnet {
namespace {

// The value by the formula of IEEE 754 binary16: (-1)^s 2^(e-15) (1 + m/1024), or (-1)^s 2^-14 (m/1024) for e = 0.
// NaN comes back quiet with its payload, as hardware converts it.
float Decode(F16 half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  const uint32_t sign = uint32_t{half} >> 15 << 31;
  if (exponent == 31) {
    const uint32_t payload = mantissa == 0 ? 0 : 0x400000u | (static_cast<uint32_t>(mantissa) << 13);
    return std::bit_cast<float>(sign | 0x7f800000u | payload);
  }
  const float magnitude =
      exponent == 0 ? std::ldexp(mantissa / 1024.0f, -14) : std::ldexp(1.0f + mantissa / 1024.0f, exponent - 15);
  return std::copysign(magnitude, std::bit_cast<float>(sign | 0x3f800000u));
}

}  // namespace

void EmbeddingLookupReference(const EmbeddingLookupArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t i = 0; i < args.dim; ++i) {
      args.out[row * args.dim + i] = Decode(args.table[args.ids[row] * args.dim + i]);
    }
  }
}

}  // namespace bitnet
