// The attention kernels, for their dispatcher, self-test and tests only.
//
// A query is one (head, row) pair, numbered head * rows + row: head-major, so that a contiguous range of queries has
// nearly the same number of visible keys as any other of its size, and the queries that share a kv head are adjacent.

#ifndef BITNET_KERNELS_ATTENTION_ATTENTION_KERNELS_H_
#define BITNET_KERNELS_ATTENTION_ATTENTION_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/attention/attention_args.h"

namespace bitnet {

// Queries of one kv head that a kernel works on together: each key and value is converted from f16 once for all.
inline constexpr int64_t kQueryTile = 4;

// Floats between the scores of two queries of a tile: vector stores may run past the last key.
constexpr int64_t ScoreStride(int64_t capacity) { return (capacity + 31) / 32 * 32; }

enum class KernelId : uint8_t;

struct AttentionKernel {
  // Writes rows [begin, end) of k_new and v_new to the caches.
  void (*append)(const AttentionArgs& args, int64_t begin, int64_t end);
  // Queries [begin, end), keys from the caches. `scores`: [kQueryTile][ScoreStride(capacity)], not shared.
  void (*attend)(const AttentionArgs& args, float* scores, int64_t begin, int64_t end);
};

void AppendF16kvScalar(const AttentionArgs& args, int64_t begin, int64_t end);
void AttentionF16kvScalar(const AttentionArgs& args, float* scores, int64_t begin, int64_t end);

void AppendF16kvAvx2(const AttentionArgs& args, int64_t begin, int64_t end);
void AttentionF16kvAvx2(const AttentionArgs& args, float* scores, int64_t begin, int64_t end);
void AppendF16kvAvx512(const AttentionArgs& args, int64_t begin, int64_t end);
void AttentionF16kvAvx512(const AttentionArgs& args, float* scores, int64_t begin, int64_t end);

// The functions behind a kernel id of this op.
AttentionKernel FindAttentionKernel(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ATTENTION_ATTENTION_KERNELS_H_
