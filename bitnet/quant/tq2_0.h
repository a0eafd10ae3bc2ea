// TQ2_0: upstream ggml type 35. 256 weights in 66 bytes, 2.0625 bits a weight, with one binary16 scale d.
//
// Two halves of 32 bytes with four codes a byte (0, 1, 2: -1, 0, +1), the first in the LOWEST bits:
//
//      bits           1-0      3-2         5-4         7-6
//      byte h*32+m | w[H+m] | w[H+32+m] | w[H+64+m] | w[H+96+m] |      H = 128 * h, m = 0..31
//      bytes 64-65 | d, little-endian |
//
// Value of a weight: d * (code - 1).

#ifndef BITNET_QUANT_TQ2_0_H_
#define BITNET_QUANT_TQ2_0_H_

#include "bitnet/quant/block_format.h"

namespace bitnet {

inline constexpr BlockFormat kTq2_0Format = {"TQ2_0", BlockLayout::kTq2_0};

}  // namespace bitnet

#endif  // BITNET_QUANT_TQ2_0_H_
