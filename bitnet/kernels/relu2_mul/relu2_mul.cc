#include "bitnet/kernels/relu2_mul/relu2_mul.h"

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/relu2_mul/relu2_mul_kernels.h"
#include "bitnet/kernels/relu2_mul/relu2_mul_selftest.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {

void Relu2Mul(KernelContext& ctx, const Relu2MulArgs& args) {
  CHECK_GT(args.rows, 0);
  CHECK_GT(args.dim, 0);
  const KernelId kernel = SelectKernel(Op::kRelu2Mul, args.rows, ctx.isa);
  const Relu2MulFn fn = FindRelu2MulFn(kernel);
  ctx.Dispatch(kernel, RowWork(args.rows), args.rows, RowGrain(args.dim),
               [&](int64_t begin, int64_t end) { fn(args, begin, end); });
}

absl::StatusOr<Digest> Relu2MulSelfTest(KernelId kernel) { return CheckRelu2Mul(kernel, FindRelu2MulFn(kernel)); }

}  // namespace bitnet
