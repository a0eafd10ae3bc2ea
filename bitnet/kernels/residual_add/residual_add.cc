#include "bitnet/kernels/residual_add/residual_add.h"

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/residual_add/residual_add_kernels.h"
#include "bitnet/kernels/residual_add/residual_add_selftest.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {

void ResidualAdd(KernelContext& ctx, const ResidualAddArgs& args) {
  CHECK_GT(args.rows, 0);
  CHECK_GT(args.dim, 0);
  const KernelId kernel = SelectKernel(Op::kResidualAdd, args.rows, ctx.isa);
  const ResidualAddFn fn = FindResidualAddFn(kernel);
  ctx.Dispatch(kernel, RowWork(args.rows), args.rows, RowGrain(args.dim),
               [&](int64_t begin, int64_t end) { fn(args, begin, end); });
}

absl::StatusOr<Digest> ResidualAddSelfTest(KernelId kernel) {
  return CheckResidualAdd(kernel, FindResidualAddFn(kernel));
}

}  // namespace bitnet
