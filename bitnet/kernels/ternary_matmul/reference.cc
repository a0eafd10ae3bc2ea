#include "bitnet/kernels/ternary_matmul/reference.h"

namespace bitnet {

int I2sWeight(const uint8_t* packed, int64_t k, int64_t feature, int64_t column) {
  const int64_t i = feature * k + column;
  const int shift = 6 - 2 * static_cast<int>((i % 128) / 32);
  return ((packed[(i / 128) * 32 + i % 32] >> shift) & 3) - 1;
}

void TernaryMatmulReference(const I2sProduct& p) {
  for (int64_t row = 0; row < p.rows; ++row) {
    const float scale = p.weight_scale / p.act_scale[row];
    for (int64_t feature = 0; feature < p.m; ++feature) {
      int64_t dot = 0;
      for (int64_t column = 0; column < p.k; ++column) {
        dot += p.q[row * p.k + column] * I2sWeight(p.packed, p.k, feature, column);
      }
      p.y[row * p.m + feature] = static_cast<float>(dot) * scale;
    }
  }
}

}  // namespace bitnet
