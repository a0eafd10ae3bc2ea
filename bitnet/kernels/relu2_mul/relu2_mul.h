// Relu2Mul: the gated squared ReLU of the feed-forward block, out = relu(gate)^2 * up, in CA-1 arithmetic:
//   r = max(gate, 0), where -0 becomes +0;  out = (r * r) * up

#ifndef BITNET_KERNELS_RELU2_MUL_RELU2_MUL_H_
#define BITNET_KERNELS_RELU2_MUL_RELU2_MUL_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/relu2_mul/relu2_mul_args.h"

namespace bitnet {

// Runs the kernel that the catalog selects on args.rows >= 1 rows, split by row, and records the call.
void Relu2Mul(KernelContext& ctx, const Relu2MulArgs& args);

// Runs one kernel of this op on fixed vectors. SHA-256 of the outputs, equal for every kernel; an Internal error
// names the kernel and the case whose bits differ from the plain answer.
absl::StatusOr<Digest> Relu2MulSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RELU2_MUL_RELU2_MUL_H_
