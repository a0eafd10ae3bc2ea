// Q1_0: upstream ggml type 41. 128 weights in 18 bytes, 1.125 bits a weight, with one binary16 scale d in front.
//
//      bytes 0-1 | d, little-endian |
//      bits         0      1      ...  7
//      byte 2    | w0   | w1   | ... | w7   |
//        ...
//      byte 17   | w120 | w121 | ... | w127 |
//
// Value of a weight: +d for a one, -d for a nought. There is no zero: only matrices without zeros can be stored.

#ifndef BITNET_QUANT_Q1_0_H_
#define BITNET_QUANT_Q1_0_H_

#include "bitnet/quant/block_format.h"

namespace bitnet {

inline constexpr BlockFormat kQ1_0Format = {"Q1_0", BlockLayout::kQ1_0};

}  // namespace bitnet

#endif  // BITNET_QUANT_Q1_0_H_
