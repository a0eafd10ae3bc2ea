// The check behind Relu2MulSelfTest, for any function: a test shows that it catches a broken one.

#ifndef BITNET_KERNELS_RELU2_MUL_RELU2_MUL_SELFTEST_H_
#define BITNET_KERNELS_RELU2_MUL_RELU2_MUL_SELFTEST_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/relu2_mul/relu2_mul_kernels.h"

namespace bitnet {

// Runs `fn` on fixed vectors and compares with the reference bit for bit; errors name `kernel`.
absl::StatusOr<Digest> CheckRelu2Mul(KernelId kernel, Relu2MulFn fn);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RELU2_MUL_RELU2_MUL_SELFTEST_H_
