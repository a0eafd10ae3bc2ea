// I2_S of 64-groups: what builds of Microsoft's program for Arm write and read under the type number of I2_S.
//
// Codes 0, 1, 2 as in i2s.h, but in blocks of 64 weights, 16 bytes each; byte p of a block holds weights p, p + 16,
// p + 32, p + 48, the first in the highest bits:
//
//      bits      7-6     5-4     3-2     1-0
//      byte 0  | w0    | w16   | w32   | w48 |
//      byte 1  | w1    | w17   | w33   | w49 |
//        ...
//      byte 15 | w15   | w31   | w47   | w63 |
//
//      tensor:  | n/4 bytes of codes | f32 scale, little-endian | 28 bytes that mean nothing |
//
// The same bytes are a valid I2_S tensor of 128-groups with other weights: the layout is told, never guessed. A row is
// a multiple of 64 weights; a GGUF directory, whose type number is that of I2_S, takes multiples of 128 only.

#ifndef BITNET_QUANT_I2S_64_H_
#define BITNET_QUANT_I2S_64_H_

#include "bitnet/quant/block_format.h"

namespace bitnet {

inline constexpr BlockFormat kI2s64Format = {"I2_S of 64-groups", BlockLayout::kI2s64, 32};

}  // namespace bitnet

#endif  // BITNET_QUANT_I2S_64_H_
