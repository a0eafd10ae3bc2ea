#include "bitnet/kernels/attention/attention.h"

#include "absl/log/check.h"
#include "bitnet/kernels/attention/attention_kernels.h"
#include "bitnet/kernels/attention/attention_selftest.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet {
namespace {

// Rows per part of the append phase: below this the conversion is shorter than waking a worker.
constexpr int64_t kAppendGrain = 16;

}  // namespace

int64_t AttentionScratchFloats(int64_t capacity, int threads) { return threads * kQueryTile * ScoreStride(capacity); }

void Attention(KernelContext& ctx, const AttentionArgs& args) {
  CHECK_GE(args.rows, 1);
  CHECK(args.head_dim > 0 && args.head_dim <= kMaxHeadDim && args.head_dim % 32 == 0) << args.head_dim;
  CHECK(args.kv_heads > 0 && args.heads % args.kv_heads == 0) << args.heads << " heads, " << args.kv_heads << " kv";
  CHECK(args.first_position >= 0 && args.first_position + args.rows <= args.capacity)
      << args.first_position << " + " << args.rows << " rows in a cache of " << args.capacity;
  const KernelId id = SelectKernel(Op::kAttention, args.rows, ctx.isa);
  const AttentionKernel kernel = FindAttentionKernel(id);
  const int64_t scratch = kQueryTile * ScoreStride(args.capacity);
  const auto append = [&](int, int64_t begin, int64_t end) { kernel.append(args, begin, end); };
  const auto attend = [&](int worker, int64_t begin, int64_t end) {
    kernel.attend(args, args.scores + worker * scratch, begin, end);
  };
  ctx.DispatchPhases(id, AttentionWork(args.rows, args.first_position, args.heads, args.kv_heads, args.head_dim),
                     {args.rows, kAppendGrain, append}, {args.heads * args.rows, 1, attend});
}

absl::StatusOr<Digest> AttentionSelfTest(KernelId kernel) {
  return CheckAttention(kernel, FindAttentionKernel(kernel));
}

}  // namespace bitnet
