#include "bitnet/kernels/silu_mul/silu_mul.h"

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/row_op.h"
#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"
#include "bitnet/kernels/silu_mul/silu_mul_selftest.h"

namespace bitnet {

void SiluMul(KernelContext& ctx, const SiluMulArgs& args) {
  CHECK_GT(args.rows, 0);
  CHECK_GT(args.dim, 0);
  const KernelId kernel = SelectKernel(Op::kSiluMul, args.rows, ctx.isa);
  const SiluMulFn fn = FindSiluMulFn(kernel);
  ctx.Dispatch(kernel, RowWork(args.rows), args.rows, RowGrain(args.dim),
               [&](int64_t begin, int64_t end) { fn(args, begin, end); });
}

absl::StatusOr<Digest> SiluMulSelfTest(KernelId kernel) { return CheckSiluMul(kernel, FindSiluMulFn(kernel)); }

}  // namespace bitnet
