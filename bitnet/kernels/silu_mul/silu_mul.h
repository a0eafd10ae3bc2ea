// SiluMul: the gated SiLU of the feed-forward block of Llama-like models, out = silu(gate) * up with
// silu(x) = x / (1 + exp(-x)), in CA-1 arithmetic. The exponential of CA-1 takes arguments up to 0, so both signs go
// through exp(-|x|), which cannot overflow:
//   e = Exp(-|x|);  numerator = x < 0 ? x * e : x;  silu = numerator / (1 + e);  out = silu * up
// Below -87, where Exp is 0, silu is -0; the true value there is above -1.5e-36.

#ifndef BITNET_KERNELS_SILU_MUL_SILU_MUL_H_
#define BITNET_KERNELS_SILU_MUL_SILU_MUL_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/silu_mul/silu_mul_args.h"

namespace bitnet {

// Runs the kernel that the catalog selects on args.rows >= 1 rows, split by row, and records the call.
void SiluMul(KernelContext& ctx, const SiluMulArgs& args);

// Runs one kernel of this op on fixed vectors. SHA-256 of the outputs, equal for every kernel; an Internal error
// names the kernel and the case whose bits differ from the plain answer.
absl::StatusOr<Digest> SiluMulSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_SILU_MUL_SILU_MUL_H_
