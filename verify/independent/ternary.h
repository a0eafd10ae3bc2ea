// TernaryMatrix: the auditor's own view of I2_S weights (docs/kernels.md, I2_S).
//
// Codes 0, 1, 2 are -1, 0, +1. A row-major matrix is cut into blocks of 128 weights, 32 bytes each; weight i of a block
// is in byte i % 32, in bits 7-6, 5-4, 3-2, 1-0 for i / 32 = 0, 1, 2, 3. All weights share one scale.

#ifndef VERIFY_INDEPENDENT_TERNARY_H_
#define VERIFY_INDEPENDENT_TERNARY_H_

#include <cstdint>
#include <span>
#include <string>

namespace bitnet::verify::independent {

inline constexpr int64_t kBlockWeights = 128;
inline constexpr int64_t kBlockBytes = 32;

// Does not own its codes.
struct TernaryMatrix {
  std::string name;                // of the tensor
  int64_t rows = 0;                // output features
  int64_t cols = 0;                // input features, a multiple of 128
  std::span<const uint8_t> codes;  // rows * cols / 4 bytes
  float scale = 0;                 // finite

  std::span<const uint8_t> Row(int64_t row) const {
    return codes.subspan(static_cast<size_t>(row * cols / 4), static_cast<size_t>(cols / 4));
  }
};

// w[row][col], by the definition above.
int Trit(const TernaryMatrix& matrix, int64_t row, int64_t col);

// A row of codes as trits -1, 0, +1. `trits` has four values for each byte.
void UnpackTrits(std::span<const uint8_t> codes, std::span<int16_t> trits);

// The index of the first byte that holds a code 3; codes.size() when there is none.
size_t FirstIllegalCode(std::span<const uint8_t> codes);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_TERNARY_H_
