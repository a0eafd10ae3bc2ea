// Portable kernels. Fixed-size loops over one block of 128 weights, which compilers turn into SSE2 (pmaddwd) or NEON.
//
// Sums: |q * code| <= 256, so a row of K <= kMaxTernaryK = 2^19 stays within 2^27.

#include <cstdint>

#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kBlock = 128;      // weights
constexpr int64_t kBlockBytes = 32;  // packed
constexpr int64_t kTokenTile = 8;    // tokens that share an unpacked block

// 16-bit codes: the widest multiply-add of the baseline instruction sets takes 16-bit operands.
inline void UnpackBlock(const uint8_t* packed, int16_t* code) {
  for (int j = 0; j < 32; ++j) code[j] = packed[j] >> 6;
  for (int j = 0; j < 32; ++j) code[32 + j] = (packed[j] >> 4) & 3;
  for (int j = 0; j < 32; ++j) code[64 + j] = (packed[j] >> 2) & 3;
  for (int j = 0; j < 32; ++j) code[96 + j] = packed[j] & 3;
}

inline int32_t DotBlock(const int16_t* code, const int8_t* q) {
  int32_t sum = 0;
  for (int j = 0; j < kBlock; ++j) sum += code[j] * static_cast<int16_t>(q[j]);
  return sum;
}

}  // namespace

void I2sGemmScalar(const I2sProduct& p, int64_t begin, int64_t end) {
  for (int64_t first = 0; first < p.rows; first += kTokenTile) {
    const int64_t tokens = p.rows - first < kTokenTile ? p.rows - first : kTokenTile;
    for (int64_t feature = begin; feature < end; ++feature) {
      const uint8_t* packed = p.packed + feature * (p.k / 4);
      int32_t dot[kTokenTile] = {};
      for (int64_t column = 0; column < p.k; column += kBlock, packed += kBlockBytes) {
        alignas(64) int16_t code[kBlock];
        UnpackBlock(packed, code);
        for (int64_t t = 0; t < tokens; ++t) dot[t] += DotBlock(code, p.q + (first + t) * p.k + column);
      }
      for (int64_t t = 0; t < tokens; ++t) {
        const int64_t row = first + t;
        p.y[row * p.m + feature] = static_cast<float>(dot[t] - p.act_sum[row]) * (p.weight_scale / p.act_scale[row]);
      }
    }
  }
}

void I2sGemvScalar(const I2sProduct& p, int64_t begin, int64_t end) {
  const float scale = p.weight_scale / p.act_scale[0];
  for (int64_t feature = begin; feature < end; ++feature) {
    const uint8_t* packed = p.packed + feature * (p.k / 4);
    int32_t dot = 0;
    for (int64_t column = 0; column < p.k; column += kBlock, packed += kBlockBytes) {
      alignas(64) int16_t code[kBlock];
      UnpackBlock(packed, code);
      dot += DotBlock(code, p.q + column);
    }
    p.y[feature] = static_cast<float>(dot - p.act_sum[0]) * scale;
  }
}

}  // namespace bitnet
