#include "bitnet/kernels/rope/rope.h"

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/rope/rope_kernels.h"
#include "bitnet/kernels/rope/rope_selftest.h"
#include "bitnet/kernels/rope/rope_table.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {

void Rope(KernelContext& ctx, const RopeArgs& args) {
  CHECK_GT(args.rows, 0);
  CHECK_GT(args.heads, 0);
  CHECK_EQ(args.head_dim, args.table->head_dim());
  const int64_t last = args.first_position + args.rows;
  CHECK(args.first_position >= 0 && last <= args.table->filled())
      << "rope: rows end at position " << last << ", the table at " << args.table->filled()
      << "; call EnsurePositions first";
  const KernelId kernel = SelectKernel(Op::kRope, args.rows, ctx.isa);
  const RopeFn fn = FindRopeFn(kernel);
  const RopeKernelArgs kernel_args = {args.x, args.heads, args.head_dim, args.table->cosines(args.first_position),
                                      args.table->sines(args.first_position)};
  ctx.Dispatch(kernel, RowWork(args.rows), args.rows, RowGrain(args.heads * args.head_dim),
               [&](int64_t begin, int64_t end) { fn(kernel_args, begin, end); });
}

absl::StatusOr<Digest> RopeSelfTest(KernelId kernel) { return CheckRope(kernel, FindRopeFn(kernel)); }

}  // namespace bitnet
