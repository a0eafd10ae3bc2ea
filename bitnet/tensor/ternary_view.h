// TernaryView: a matrix of ternary weights in the I2_S layout, owned by someone else.

#ifndef BITNET_TENSOR_TERNARY_VIEW_H_
#define BITNET_TENSOR_TERNARY_VIEW_H_

#include <cstdint>
#include <span>

namespace bitnet {

// I2_S, 128-element blocks: weight j (0..127) of a block lies in byte j % 32, bits 7-6 for j < 32, 5-4 for j < 64,
// 3-2 for j < 96, 1-0 else; codes 0, 1, 2 mean -1, 0, +1 and code 3 has been refused at load.
//
//        byte 0            byte 1                  byte 31
//   | w0 w32 w64 w96 | w1 w33 w65 w97 |  ...  | w31 w63 w95 w127 |     32 bytes = 128 weights
//
// Rows follow each other without padding. Value of a weight: scale * (code - 1).
struct TernaryView {
  std::span<const uint8_t> packed;  // [rows * cols / 4]
  int64_t rows = 0;                 // M: output features
  int64_t cols = 0;                 // K: input features, a multiple of 128
  float scale = 0;                  // of the whole matrix
};

inline constexpr int64_t kI2sBlock = 128;

}  // namespace bitnet

#endif  // BITNET_TENSOR_TERNARY_VIEW_H_
