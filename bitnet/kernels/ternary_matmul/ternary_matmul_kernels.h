// The kernels of ternary_matmul, for its dispatcher only. Includes nothing but plain data: see isa.bzl.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_TERNARY_MATMUL_KERNELS_H_
#define BITNET_KERNELS_TERNARY_MATMUL_TERNARY_MATMUL_KERNELS_H_

#include <cstdint>

namespace bitnet {

// TernaryMatmulArgs with its view taken apart: a std::span would bring inline library code into the files of one
// instruction set.
struct I2sProduct {
  const uint8_t* packed;   // [m][k / 4], I2_S blocks of 32 bytes, any alignment
  int64_t m;               // output features
  int64_t k;               // input features, a multiple of 128
  float weight_scale;      // of the whole matrix
  const int8_t* q;         // [rows][k]
  const float* act_scale;  // [rows]
  const int32_t* act_sum;  // [rows]
  int64_t rows;            // gemv: 1; gemm: any number >= 1
  float* y;                // [rows][m]
};

// Computes output features [begin, end) of all rows.
using TernaryMatmulFn = void (*)(const I2sProduct& product, int64_t begin, int64_t end);

void I2sGemvScalar(const I2sProduct& product, int64_t begin, int64_t end);
void I2sGemmScalar(const I2sProduct& product, int64_t begin, int64_t end);
void I2sGemvAvx2(const I2sProduct& product, int64_t begin, int64_t end);
void I2sGemmAvx2(const I2sProduct& product, int64_t begin, int64_t end);
void I2sGemmAvxVnni(const I2sProduct& product, int64_t begin, int64_t end);
void I2sGemvAvx512Vnni(const I2sProduct& product, int64_t begin, int64_t end);
void I2sGemmAvx512Vnni(const I2sProduct& product, int64_t begin, int64_t end);

}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_TERNARY_MATMUL_KERNELS_H_
