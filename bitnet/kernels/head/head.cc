#include "bitnet/kernels/head/head.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/head/head_kernels.h"
#include "bitnet/kernels/head/head_selftest.h"

namespace bitnet {
namespace {

// Table rows per unit of work: whole vector groups, and at least 64 Ki multiply-accumulates (about what waking a
// worker costs), so that a small model's head stays on the calling thread.
int64_t VocabGrain(int64_t dim) { return std::max<int64_t>(16, 65536 / dim); }

}  // namespace

void LogitsProjection(KernelContext& ctx, const LogitsProjectionArgs& args) {
  CHECK_GE(args.rows, 1);
  CHECK_GE(args.dim, 1);
  CHECK_GE(args.vocab, 1);
  const KernelId kernel = SelectKernel(Op::kLogitsProjection, args.rows, ctx.isa);
  const LogitsProjectionFn fn = FindLogitsProjectionFn(kernel);
  ctx.Dispatch(kernel, HeadWork(args.rows, args.vocab, args.dim), args.vocab, VocabGrain(args.dim),
               [&](int64_t begin, int64_t end) { fn(args, begin, end); });
}

void LogitsOfRows(KernelContext& ctx, const LogitsProjectionArgs& args, std::span<const int32_t> ids) {
  CHECK_EQ(args.rows, 1);
  const KernelId kernel = SelectKernel(Op::kLogitsProjection, 1, ctx.isa);
  const LogitsProjectionFn fn = FindLogitsProjectionFn(kernel);
  const int64_t count = static_cast<int64_t>(ids.size());
  ctx.Dispatch(kernel, HeadRowsWork(ids.size(), static_cast<uint64_t>(args.dim)), count, VocabGrain(args.dim),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) fn(args, ids[i], ids[i] + 1);
               });
}

absl::StatusOr<Digest> LogitsProjectionSelfTest(KernelId kernel) {
  return CheckLogitsProjection(kernel, FindLogitsProjectionFn(kernel));
}

}  // namespace bitnet
