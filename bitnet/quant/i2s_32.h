// I2S_32: 32 weights in 10 bytes, 2.5 bits a weight, with one binary16 scale d behind the codes (0, 1, 2: -1, 0, +1).
// The form of an earlier program; its number 0x42540020 in a GGUF directory is ours.
//
//      bits        1-0   3-2   5-4   7-6
//      byte 0   | w0  | w1  | w2  | w3  |
//        ...
//      byte 7   | w28 | w29 | w30 | w31 |
//      bytes 8-9 | d, little-endian |
//
// Value of a weight: d * (code - 1).

#ifndef BITNET_QUANT_I2S_32_H_
#define BITNET_QUANT_I2S_32_H_

#include "bitnet/quant/block_format.h"

namespace bitnet {

inline constexpr BlockFormat kI2s32Format = {"I2S_32", BlockLayout::kI2s32};

}  // namespace bitnet

#endif  // BITNET_QUANT_I2S_32_H_
