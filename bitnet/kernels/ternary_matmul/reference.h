// The plainest ternary product: one weight at a time, by the formula of the I2_S format.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_REFERENCE_H_
#define BITNET_KERNELS_TERNARY_MATMUL_REFERENCE_H_

#include <cstdint>

#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {

// Weight [feature][column] of an I2_S matrix with k columns: -1, 0 or +1.
int I2sWeight(const uint8_t* packed, int64_t k, int64_t feature, int64_t column);

// All of y, with 64-bit sums. What tests and self-tests compare kernels with; no dispatcher calls it.
void TernaryMatmulReference(const I2sProduct& product);

}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_REFERENCE_H_
