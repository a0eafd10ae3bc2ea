// From a kernel id to the function behind it, and the check that the function is right.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_KERNEL_TABLE_H_
#define BITNET_KERNELS_TERNARY_MATMUL_KERNEL_TABLE_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {

// nullptr for a kernel of another op or of another CPU architecture.
TernaryMatmulFn TernaryMatmulFunction(KernelId kernel);

// The body of TernaryMatmulSelfTest for any function; errors call it by the id of `kernel`, whose row class says
// whether it gets the rows of a case one at a time.
absl::StatusOr<Digest> CheckTernaryMatmul(KernelId kernel, TernaryMatmulFn function);

}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_KERNEL_TABLE_H_
