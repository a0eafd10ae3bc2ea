#include "bitnet/kernels/act_quant/act_quant.h"

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/kernels/act_quant/kernel_table.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet {

absl::Status ActQuant(KernelContext& ctx, const ActQuantArgs& args) {
  CHECK_GE(args.rows, 1);
  CHECK_GE(args.dim, 1);
  // The sum of a row is an int32: 2^23 values of magnitude at most 2^7.
  CHECK_LE(args.dim, int64_t{1} << 23);
  const KernelId kernel = SelectKernel(Op::kActQuant, args.rows, ctx.isa);
  const ActQuantFn function = ActQuantFunction(kernel);
  CHECK(function != nullptr) << "kernel " << GetKernel(kernel).id << " is not built for this CPU architecture";
  ctx.Dispatch(kernel, RowWork(args.rows), args.rows, /*grain=*/1,
               [&](int64_t begin, int64_t end) { function(args, begin, end); });
  for (int64_t row = 0; row < args.rows; ++row) {
    // Not (0 < NaN), and 127 / inf is 0.
    if (!(args.scale[row] > 0)) {
      return absl::DataLossError(absl::StrCat("activations of token row ", row, " of ", args.rows,
                                              " are not finite: the model's weights overflow binary32"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Digest> ActQuantSelfTest(KernelId kernel) {
  const ActQuantFn function = ActQuantFunction(kernel);
  if (function == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("act_quant self-test: this program has no act_quant kernel ",
                                                   GetKernel(kernel).id,
                                                   "; choose one by SelectKernel from the CPU's instruction sets"));
  }
  return CheckActQuant(kernel, function);
}

}  // namespace bitnet
