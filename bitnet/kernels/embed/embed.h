// EmbeddingLookup: out[r] = float(table[ids[r]]), one row of the f16 token embedding per token. Exact.

#ifndef BITNET_KERNELS_EMBED_EMBED_H_
#define BITNET_KERNELS_EMBED_EMBED_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/embed/embed_args.h"

namespace bitnet {

// Runs the kernel that the catalog selects on args.rows >= 1 rows, split by row, and records the call.
void EmbeddingLookup(KernelContext& ctx, const EmbeddingLookupArgs& args);

// Runs one kernel of this op on fixed vectors. SHA-256 of the outputs, equal for every kernel; an Internal error
// names the kernel and the case whose bits differ from the plain answer.
absl::StatusOr<Digest> EmbeddingLookupSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_EMBED_EMBED_H_
