// QK256: 256 weights in 64 bytes, 2 bits a weight, codes only (0, 1, 2: -1, 0, +1); the scale of the matrix lies
// outside of the tensor. The form of an earlier program; its number 0x42540100 in a GGUF directory is ours.
//
//      bits        1-0    3-2    5-4    7-6
//      byte 0   | w0   | w1   | w2   | w3   |
//        ...
//      byte 63  | w252 | w253 | w254 | w255 |
//
// Value of a weight: scale * (code - 1).

#ifndef BITNET_QUANT_QK256_H_
#define BITNET_QUANT_QK256_H_

#include "bitnet/quant/block_format.h"

namespace bitnet {

inline constexpr BlockFormat kQk256Format = {"QK256", BlockLayout::kQk256};

}  // namespace bitnet

#endif  // BITNET_QUANT_QK256_H_
