// Ternary matrix multiplication: int8 activations times I2_S weights, exact in int32, straight from the mapped file.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_TERNARY_MATMUL_H_
#define BITNET_KERNELS_TERNARY_MATMUL_TERNARY_MATMUL_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {

// y = float(d) * (weight.scale / act_scale[row]), d = sum(q * code) - act_sum[row] as an exact int32.
struct TernaryMatmulArgs {
  TernaryView weight;      // [M][K], any alignment, K <= kMaxTernaryK
  const int8_t* q;         // [rows][K]
  const float* act_scale;  // [rows] what x was multiplied by to get q
  const int32_t* act_sum;  // [rows] sum of q over the row
  int64_t rows;            // >= 1
  float* y;                // [rows][M]
};

// Up to this K no kernel's 32-bit sums can overflow, whatever the activations.
inline constexpr int64_t kMaxTernaryK = int64_t{1} << 19;

// Chooses, runs and records a kernel, parallel over output features: a gemv for one row, a gemm for more.
void TernaryMatmul(KernelContext& ctx, const TernaryMatmulArgs& args);

// Runs fixed adversarial products through `kernel` and compares every output bit with the plain formula. The digest
// covers the outputs and is the same for every kernel of the op, gemv or gemm. InternalError names the kernel, the
// case, expected and got; InvalidArgument when this program has no such kernel. The CPU must have the kernel's
// instruction set.
absl::StatusOr<Digest> TernaryMatmulSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_TERNARY_MATMUL_H_
