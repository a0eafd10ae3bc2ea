#include "bitnet/kernels/head/screen.h"

#include <algorithm>
#include <limits>
#include <span>

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/head/head.h"
#include "bitnet/kernels/head/screen_bounds.h"
#include "bitnet/kernels/head/screen_kernels.h"
#include "bitnet/kernels/head/screen_selftest.h"

namespace bitnet {
namespace {

// Panels per unit of work: at least 64 Ki multiply-accumulates, about what waking a worker costs.
int64_t PanelGrain(int64_t dim) { return std::max<int64_t>(1, 65536 / (dim * kScreenPanelRows)); }

// Below this no sum of products of a row can leave binary32, whatever its order.
constexpr double kLargestLogit = 1e38;

int64_t Padded(int64_t vocab) { return (vocab + kScreenPanelRows - 1) / kScreenPanelRows * kScreenPanelRows; }

}  // namespace

int64_t ScreenLimit(int64_t vocab) { return std::max<int64_t>(16, vocab / 16); }

ScreenScratch::ScreenScratch(int64_t vocab, int64_t dim)
    : high(static_cast<size_t>(dim)),
      low(static_cast<size_t>(dim)),
      lower(static_cast<size_t>(Padded(vocab))),
      upper(static_cast<size_t>(Padded(vocab))) {
  candidates.reserve(static_cast<size_t>(ScreenLimit(vocab)));
}

bool ScreenedLogitsProjection(KernelContext& ctx, const LogitsProjectionArgs& args, const ScreenedHead& head,
                              const LogitsKept& kept, ScreenScratch& scratch) {
  const ScreenTable table = head.table();
  CHECK_EQ(args.rows, 1);
  CHECK(table.vocab == args.vocab && table.dim == args.dim);
  CHECK_GE(kept.largest, 1);
  CHECK_GE(kept.within, 0);
  const RoundedHidden h =
      RoundHidden(std::span(args.h, static_cast<size_t>(args.dim)), scratch.high.data(), scratch.low.data());
  const ScreenArgs screen = {.table = table,
                             .high = scratch.high.data(),
                             .low = scratch.low.data(),
                             .step = h.step,
                             .rest_factor = h.rest_factor,
                             .norm_factor = h.norm_factor,
                             .lower = scratch.lower.data(),
                             .upper = scratch.upper.data()};
  const KernelId kernel = SelectKernel(Op::kLogitsScreening, 1, ctx.isa);
  const ScreenFn fn = FindScreenFn(kernel);
  ctx.Dispatch(kernel, HeadScreenWork(args.vocab, args.dim), Padded(args.vocab) / kScreenPanelRows,
               PanelGrain(args.dim), [&](int64_t begin, int64_t end) { fn(screen, begin, end); });

  const size_t vocab = static_cast<size_t>(args.vocab);
  bool told_apart = h.norm * head.largest_norm() < kLargestLogit && kept.largest < args.vocab;
  if (told_apart) {
    const float threshold =
        AtMostLess(KthLargest(scratch.lower.span().first(vocab), kept.largest, scratch.best), kept.within);
    told_apart =
        CollectAtLeast(scratch.upper.span().first(vocab), threshold, ScreenLimit(args.vocab), scratch.candidates);
  }
  if (!told_apart) {
    LogitsProjection(ctx, args);
    return false;
  }
  std::fill_n(args.logits, vocab, -std::numeric_limits<float>::infinity());
  LogitsOfRows(ctx, args, scratch.candidates);
  return true;
}

absl::StatusOr<Digest> LogitsScreeningSelfTest(KernelId kernel) {
  return CheckLogitsScreening(kernel, FindScreenFn(kernel));
}

}  // namespace bitnet
