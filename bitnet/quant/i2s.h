// I2_S: Microsoft's ternary tensor (ggml type 36 of the bitnet.cpp fork), the layout that every kernel here reads.
//
// Weights -1, 0, +1 have codes 0, 1, 2; code 3 does not exist. The flattened rows are cut into blocks of 128 weights,
// 32 bytes each; byte p of a block holds weights p, p + 32, p + 64, p + 96, the first in the highest bits:
//
//      bits      7-6     5-4     3-2     1-0
//      byte 0  | w0    | w32   | w64   | w96  |
//      byte 1  | w1    | w33   | w65   | w97  |        code(i) = byte[i/128*32 + i%32] >> (6 - 2*(i%128/32)) & 3
//        ...
//      byte 31 | w31   | w63   | w95   | w127 |
//
//      tensor:  | n/4 bytes of codes | f32 scale, little-endian | 28 bytes that mean nothing |
//
// Value of a weight: scale * (code - 1), one scale for the whole tensor. A row is a multiple of 128 weights.
//
// Builds of the fork for Arm once wrote blocks of 64 weights in 16 bytes (i2s_64.h). The bytes of such a tensor are a
// valid tensor of this layout with other weights: no reader can tell the two apart, so type 36 is read as this, the
// published layout, unless the file's metadata or the user says otherwise.

#ifndef BITNET_QUANT_I2S_H_
#define BITNET_QUANT_I2S_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/quant/block_format.h"

namespace bitnet {

// After the codes of a tensor: the scale and padding.
inline constexpr int64_t kI2sTailBytes = 32;

inline constexpr BlockFormat kI2sFormat = {"I2_S", BlockLayout::kI2s, kI2sTailBytes};

// InvalidArgument when a code 3 occurs, with the tensor's name and the element. Runs at the speed of memory. A caller
// that splits a tensor over threads gives each piece (whole blocks) the index of its first element.
absl::Status CheckI2sCodes(std::span<const uint8_t> packed, std::string_view name, int64_t first_element = 0);

struct TernaryStats {
  uint64_t count_minus = 0;
  uint64_t count_zero = 0;
  uint64_t count_plus = 0;
  uint64_t count_illegal = 0;  // code 3; 0 in a checked tensor
  bool operator==(const TernaryStats&) const = default;
};

// How often each code occurs. Any number of bytes; the order of weights does not matter.
TernaryStats CountTrits(std::span<const uint8_t> packed);

// The scale of a tensor's whole data (codes and tail). InvalidArgument when the data is no I2_S tensor's, or the scale
// is negative, infinite or not a number. Zero is a scale: of a tensor of zeros.
absl::StatusOr<float> I2sScale(std::span<const uint8_t> data, std::string_view name);

}  // namespace bitnet

#endif  // BITNET_QUANT_I2S_H_
