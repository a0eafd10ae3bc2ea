// The identity of a ternary tensor: its name, shape, trits and scale, whatever bytes it came from.
//
// A receipt names the weights that ran. The same weights reach the kernels from a file of any ternary format, and a
// kernel may repack them once more for its instruction set; all of these must give one digest, and any other trit or
// scale another. Hence the digest is taken over one canonical serialisation (integers little-endian):
//
//   SHA-256( "bnr1/ternary" 00 | u64 name length | name | u64 rows | u64 cols | u32 bits of the f32 scale |
//            codes in the I2_S layout, 128 weights to 32 bytes, rows * cols / 4 bytes, without tail )
//
// The prefix keeps it apart from every other hash of a receipt; the lengths make the fields unambiguous.

#ifndef BITNET_QUANT_DIGEST_H_
#define BITNET_QUANT_DIGEST_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "bitnet/base/sha256.h"

namespace bitnet {

// packed [rows * cols / 4] (CHECK).
Digest TernaryTensorDigest(std::string_view name, int64_t rows, int64_t cols, uint32_t scale_bits,
                           std::span<const uint8_t> packed);

}  // namespace bitnet

#endif  // BITNET_QUANT_DIGEST_H_
