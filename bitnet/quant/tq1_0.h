// TQ1_0: upstream ggml type 34. 256 weights in 54 bytes, 1.6875 bits a weight, with one binary16 scale d.
//
// Five codes c0..c4 (0, 1, 2: -1, 0, +1) make v = 81 c0 + 27 c1 + 9 c2 + 3 c3 + c4 (0..242), stored as the fraction
// v / 243 in units of 1/256, rounded up, so that code n comes out without division: ((byte * 3^n mod 256) * 3) >> 8.
//
//      bytes  0-31 | code n of byte m is w[n*32 + m] |                 n = 0..4, m = 0..31
//      bytes 32-47 | code n of byte 32+m is w[160 + n*16 + m] |        n = 0..4, m = 0..15
//      bytes 48-51 | code n of byte 48+m is w[240 + n*4 + m] |         n = 0..3, m = 0..3; c4 = 0
//      bytes 52-53 | d, little-endian |
//
// Value of a weight: d * (code - 1). 13 of the 256 byte values, and in bytes 48-51 all but 81, are no weights' code.

#ifndef BITNET_QUANT_TQ1_0_H_
#define BITNET_QUANT_TQ1_0_H_

#include "bitnet/quant/block_format.h"

namespace bitnet {

inline constexpr BlockFormat kTq1_0Format = {"TQ1_0", BlockLayout::kTq1_0};

}  // namespace bitnet

#endif  // BITNET_QUANT_TQ1_0_H_
