// Rope: rotary position embedding, NEOX pairing (element i of a head with element i + head_dim / 2), in CA-1
// arithmetic:
//   y[i]        = x[i] * cos - x[i + half] * sin
//   y[i + half] = x[i + half] * cos + x[i] * sin     each product rounded, no fma

#ifndef BITNET_KERNELS_ROPE_ROPE_H_
#define BITNET_KERNELS_ROPE_ROPE_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/rope/rope_args.h"
#include "bitnet/kernels/rope/rope_table.h"

namespace bitnet {

// Runs the kernel that the catalog selects on args.rows >= 1 rows, split by row, and records the call. The table must
// be filled up to first_position + rows (RopeTable::EnsurePositions).
void Rope(KernelContext& ctx, const RopeArgs& args);

// Runs one kernel of this op on fixed vectors. SHA-256 of the outputs, equal for every kernel; an Internal error
// names the kernel and the case whose bits differ from the plain answer.
absl::StatusOr<Digest> RopeSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ROPE_ROPE_H_
