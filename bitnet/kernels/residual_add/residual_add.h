// ResidualAdd: x += y, the residual stream.

#ifndef BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_H_
#define BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/residual_add/residual_add_args.h"

namespace bitnet {

// Runs the kernel that the catalog selects on args.rows >= 1 rows, split by row, and records the call.
void ResidualAdd(KernelContext& ctx, const ResidualAddArgs& args);

// Runs one kernel of this op on fixed vectors. SHA-256 of the outputs, equal for every kernel; an Internal error
// names the kernel and the case whose bits differ from the plain answer.
absl::StatusOr<Digest> ResidualAddSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_H_
