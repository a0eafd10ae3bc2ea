// TQ1_0 and TQ2_0: upstream ggml's ternary tensors (types 34 and 35), and their load-time repacks to I2_S.
//
// Both cut the flattened rows into blocks of 256 weights with one binary16 scale d each; a row is a multiple of 256
// weights. Value of a weight: d * (code - 1), codes 0, 1, 2.
//
// TQ2_0, 66 bytes: 2.0625 bits a weight. Two halves of 32 bytes with four codes a byte, the first in the LOWEST bits:
//
//      bits         1-0      3-2       5-4       7-6
//      byte h*32+m | w[H+m] | w[H+32+m] | w[H+64+m] | w[H+96+m] |      H = 128 * h, m = 0..31
//      bytes 64-65 | d |
//
// TQ1_0, 54 bytes: 1.6875 bits a weight. Five codes c0..c4 make v = 81 c0 + 27 c1 + 9 c2 + 3 c3 + c4 (0..242), stored
// as the fraction v / 243 in units of 1/256, rounded up, so that code n comes out without division:
// ((byte * 3^n mod 256) * 3) >> 8.
//
//      bytes  0-31 | code n of byte m is w[n*32 + m] |                 n = 0..4, m = 0..31
//      bytes 32-47 | code n of byte 32+m is w[160 + n*16 + m] |        n = 0..4, m = 0..15
//      bytes 48-51 | code n of byte 48+m is w[240 + n*4 + m] |         n = 0..3, m = 0..3; c4 = 0
//      bytes 52-53 | d |
//
// The matmul kernels know one scale per tensor. BitNet models have just that, so a conforming file repeats one scale in
// all blocks, and the repack checks it.

#ifndef BITNET_QUANT_TQ_H_
#define BITNET_QUANT_TQ_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"

namespace bitnet {

inline constexpr int64_t kTqBlock = 256;
inline constexpr int64_t kTq1BlockBytes = 54;
inline constexpr int64_t kTq2BlockBytes = 66;

// Names of the repacks, as reports show them.
inline constexpr std::string_view kTq1RepackName = "tq1_0_to_i2s";
inline constexpr std::string_view kTq2RepackName = "tq2_0_to_i2s";

// Rewrite a [rows][cols] tensor into I2_S codes, `packed` [rows * cols / 4], and return its scale. `packed` must have
// that size (CHECK). `name` is for errors:
//   InvalidArgument  cols not a multiple of 256, data of another size, a byte that no three-valued code gives, a scale
//                    that is negative or not finite; with block and byte
//   Unimplemented    blocks with different scales. A block of zeros may have any scale.
// A tensor of zeros has scale 0.
absl::StatusOr<float> RepackTq1ToI2s(std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                     std::span<uint8_t> packed, std::string_view name);
absl::StatusOr<float> RepackTq2ToI2s(std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                     std::span<uint8_t> packed, std::string_view name);

}  // namespace bitnet

#endif  // BITNET_QUANT_TQ_H_
