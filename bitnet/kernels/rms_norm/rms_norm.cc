#include "bitnet/kernels/rms_norm/rms_norm.h"

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/rms_norm/rms_norm_kernels.h"
#include "bitnet/kernels/rms_norm/rms_norm_selftest.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {

void RmsNorm(KernelContext& ctx, const RmsNormArgs& args) {
  CHECK_GT(args.rows, 0);
  CHECK_GT(args.dim, 0);
  const KernelId kernel = SelectKernel(Op::kRmsNorm, args.rows, ctx.isa);
  const RmsNormFn fn = FindRmsNormFn(kernel);
  ctx.Dispatch(kernel, RowWork(args.rows), args.rows, RowGrain(args.dim),
               [&](int64_t begin, int64_t end) { fn(args, begin, end); });
}

absl::StatusOr<Digest> RmsNormSelfTest(KernelId kernel) { return CheckRmsNorm(kernel, FindRmsNormFn(kernel)); }

}  // namespace bitnet
