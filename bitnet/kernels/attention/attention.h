// Attention: appends the new keys and values to the f16 cache (round to nearest even), then causal grouped-query
// attention of every row over all keys up to its own position.
//
// Per (row, head), in the order of CA-1:
//   score[t] = Dot(q, k[t]) * (1 / sqrt(head_dim))            0 <= t <= position of the row
//   p[t] = Exp(score[t] - max score)
//   sum, acc[d] = sum of p[t], sum of p[t] * v[t][d]          in blocks of 256 absolute positions, then block by block
//   out[d] = acc[d] / sum
// so the result does not depend on threads, on the batch, or on whether the key came from this call or an earlier one.

#ifndef BITNET_KERNELS_ATTENTION_ATTENTION_H_
#define BITNET_KERNELS_ATTENTION_ATTENTION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/attention/attention_args.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"

namespace bitnet {

// Floats that AttentionArgs::scores must have room for, with a cache of `capacity` positions and a pool of `threads`.
int64_t AttentionScratchFloats(int64_t capacity, int threads);

// Work: AttentionWork(rows, first_position, heads, kv_heads, head_dim). CHECKs the shape limits of AttentionArgs.
void Attention(KernelContext& ctx, const AttentionArgs& args);

// Runs `kernel` on fixed vectors and compares caches and outputs with the plain answer, bit for bit. The digest of the
// answers is the same for every kernel. InternalError names the kernel, the case, the value expected and the one got.
absl::StatusOr<Digest> AttentionSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ATTENTION_ATTENTION_H_
