#include "bitnet/kernels/ternary_matmul/ternary_matmul.h"

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/ternary_matmul/kernel_table.h"

namespace bitnet {
namespace {

// Output features per piece of work: 64 bytes of a row of y, so that threads share no cache line of an aligned y.
constexpr int64_t kGrain = 16;

}  // namespace

void TernaryMatmul(KernelContext& ctx, const TernaryMatmulArgs& args) {
  const TernaryView& w = args.weight;
  CHECK_GE(args.rows, 1);
  CHECK_GE(w.rows, 1);
  CHECK(w.cols > 0 && w.cols % kI2sBlock == 0 && w.cols <= kMaxTernaryK) << "K = " << w.cols;
  CHECK_EQ(w.packed.size(), static_cast<size_t>(w.rows * (w.cols / 4)));
  const KernelId kernel = SelectKernel(Op::kTernaryMatmul, args.rows, ctx.isa);
  const TernaryMatmulFn function = TernaryMatmulFunction(kernel);
  CHECK(function != nullptr) << "kernel " << GetKernel(kernel).id << " is not built for this CPU architecture";
  const I2sProduct product = {w.packed.data(), w.rows,       w.cols,    w.scale, args.q,
                              args.act_scale,  args.act_sum, args.rows, args.y};
  ctx.Dispatch(kernel, TernaryMatmulWork(args.rows, w.rows, w.cols), w.rows, kGrain,
               [&](int64_t begin, int64_t end) { function(product, begin, end); });
}

absl::StatusOr<Digest> TernaryMatmulSelfTest(KernelId kernel) {
  const TernaryMatmulFn function = TernaryMatmulFunction(kernel);
  if (function == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("ternary_matmul self-test: this program has no ternary_matmul kernel ", GetKernel(kernel).id,
                     "; choose one by SelectKernel from the CPU's instruction sets"));
  }
  return CheckTernaryMatmul(kernel, function);
}

}  // namespace bitnet
