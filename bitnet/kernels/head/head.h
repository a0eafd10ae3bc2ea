// LogitsProjection: logits[row][v] = Dot(h[row], f32(table[v])), in the 32 lanes of CA-1.
//
// The table is the largest single read of a decoded token (657 MB for 128256 x 2560), so the kernels are built to
// keep memory busy: several rows of the table in lockstep, each read once for all token rows of a block.

#ifndef BITNET_KERNELS_HEAD_HEAD_H_
#define BITNET_KERNELS_HEAD_HEAD_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/head/head_args.h"

namespace bitnet {

// Parallel over the vocabulary. Work: HeadWork(rows, vocab, dim).
void LogitsProjection(KernelContext& ctx, const LogitsProjectionArgs& args);

// The same for table rows `ids` (below vocab) and one token row: logits[id] of each, all others left as they are. The
// same kernel, the same bits. Work: HeadRowsWork(ids.size(), dim).
void LogitsOfRows(KernelContext& ctx, const LogitsProjectionArgs& args, std::span<const int32_t> ids);

// Runs `kernel` on fixed vectors and compares with the plain answer, bit for bit. The digest of the answers is the
// same for every kernel. InternalError names the kernel, the case, the value expected and the one got.
absl::StatusOr<Digest> LogitsProjectionSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_HEAD_H_
