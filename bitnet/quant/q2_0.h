// Q2_0: upstream ggml type 42. 64 weights in 18 bytes, 2.25 bits a weight, with one binary16 scale d in front.
//
//      bytes 0-1 | d, little-endian |
//      bits         1-0   3-2   5-4   7-6
//      byte 2    | w0  | w1  | w2  | w3  |
//      byte 3    | w4  | w5  | w6  | w7  |
//        ...
//      byte 17   | w60 | w61 | w62 | w63 |
//
// Value of a weight: d * (code - 1). Code 3, +2 d, is legal there; a block that has it is not ternary and is refused.

#ifndef BITNET_QUANT_Q2_0_H_
#define BITNET_QUANT_Q2_0_H_

#include "bitnet/quant/block_format.h"

namespace bitnet {

inline constexpr BlockFormat kQ2_0Format = {"Q2_0", BlockLayout::kQ2_0};

}  // namespace bitnet

#endif  // BITNET_QUANT_Q2_0_H_
