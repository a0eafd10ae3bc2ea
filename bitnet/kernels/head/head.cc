#include "bitnet/kernels/head/head.h"

#include <algorithm>

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

absl::StatusOr<Digest> LogitsProjectionSelfTest(KernelId kernel) {
  return CheckLogitsProjection(kernel, FindLogitsProjectionFn(kernel));
}

}  // namespace bitnet
