#include "bitnet/kernels/head/screen.h"

#include <algorithm>
#include <array>
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

// Finds the candidates among the bounds of one token row, unless there are too many or nothing is kept. Whether they
// were told apart.
bool FindCandidates(const ScreenToken& bounds, size_t vocab, const LogitsKept& kept, std::vector<float>& best,
                    std::vector<int32_t>& candidates) {
  if (kept.largest <= 0 || kept.largest >= static_cast<int64_t>(vocab)) return false;
  const float threshold =
      AtMostLess(KthLargest(std::span<const float>(bounds.lower, vocab), kept.largest, best), kept.within);
  return CollectAtLeast(std::span<const float>(bounds.upper, vocab), threshold,
                        ScreenLimit(static_cast<int64_t>(vocab)), candidates);
}

}  // namespace

int64_t ScreenLimit(int64_t vocab) { return std::max<int64_t>(16, vocab / 16); }

ScreenScratch::ScreenScratch(int64_t vocab, int64_t dim, int64_t count)
    : rows(count),
      high(static_cast<size_t>(count * dim)),
      low(static_cast<size_t>(count * dim)),
      lower(static_cast<size_t>(count * Padded(vocab))),
      upper(static_cast<size_t>(count * Padded(vocab))) {
  CHECK(count >= 1 && count <= kMaxScreenRows);
  best.resize(static_cast<size_t>(count));
  candidates.resize(static_cast<size_t>(count));
  const size_t limit = static_cast<size_t>(ScreenLimit(vocab));
  for (std::vector<float>& of_row : best) of_row.reserve(limit);
  for (std::vector<int32_t>& of_row : candidates) of_row.reserve(limit);
}

std::span<const bool> ScreenedLogitsProjection(KernelContext& ctx, const LogitsProjectionArgs& args,
                                               const ScreenedHead& head, const LogitsKept& kept,
                                               ScreenScratch& scratch) {
  const ScreenTable table = head.table();
  CHECK(args.rows >= 1 && args.rows <= scratch.rows);
  CHECK(table.vocab == args.vocab && table.dim == args.dim);
  CHECK_GE(kept.largest, 1);
  CHECK_GE(kept.within, 0);
  std::array<ScreenToken, kMaxScreenRows> tokens;
  std::array<double, kMaxScreenRows> norms;
  scratch.head_rows = 0;
  for (int64_t row = 0; row < args.rows; ++row) {
    uint8_t* const high = scratch.high.data() + row * args.dim;
    uint8_t* const low = scratch.low.data() + row * args.dim;
    const RoundedHidden h = RoundHidden(std::span(args.h + row * args.dim, static_cast<size_t>(args.dim)), high, low);
    norms[static_cast<size_t>(row)] = h.norm;
    tokens[static_cast<size_t>(row)] = {.high = high,
                                        .low = low,
                                        .step = h.step,
                                        .rest_factor = h.rest_factor,
                                        .norm_factor = h.norm_factor,
                                        .lower = scratch.lower.data() + row * Padded(args.vocab),
                                        .upper = scratch.upper.data() + row * Padded(args.vocab)};
  }
  const ScreenArgs screen = {table, tokens.data(), args.rows};
  const KernelId kernel = SelectKernel(Op::kLogitsScreening, 1, ctx.isa);
  const ScreenFn fn = FindScreenFn(kernel);
  ctx.Dispatch(kernel, HeadScreenWork(static_cast<uint64_t>(args.rows), args.vocab, args.dim),
               Padded(args.vocab) / kScreenPanelRows, PanelGrain(args.dim),
               [&](int64_t begin, int64_t end) { fn(screen, begin, end); });
  // Rows have nothing to do with one another: each is searched by one worker.
  const size_t vocab = static_cast<size_t>(args.vocab);
  const auto search = [&](size_t row) {
    const bool safe = norms[row] * head.largest_norm() < kLargestLogit;
    scratch.told_apart[row] =
        safe && FindCandidates(tokens[row], vocab, kept, scratch.best[row], scratch.candidates[row]);
    if (!scratch.told_apart[row]) return;
    std::fill_n(args.logits + row * vocab, vocab, -std::numeric_limits<float>::infinity());
  };
  if (args.rows == 1) {
    search(0);
  } else {
    ctx.pool.Run([&](int worker) {
      const auto [begin, end] = ThreadPool::Partition(args.rows, 1, worker, ctx.pool.size());
      for (int64_t row = begin; row < end; ++row) search(static_cast<size_t>(row));
    });
  }
  for (int64_t row = 0; row < args.rows; ++row) {
    LogitsProjectionArgs one = args;
    one.h += row * args.dim;
    one.rows = 1;
    one.logits += row * args.vocab;
    const std::vector<int32_t>& candidates = scratch.candidates[static_cast<size_t>(row)];
    const bool told_apart = scratch.told_apart[static_cast<size_t>(row)];
    scratch.head_rows += told_apart ? static_cast<int64_t>(candidates.size()) : args.vocab;
    if (told_apart) {
      LogitsOfRows(ctx, one, candidates);
    } else {
      LogitsProjection(ctx, one);
    }
  }
  return std::span(scratch.told_apart).first(static_cast<size_t>(args.rows));
}

absl::StatusOr<Digest> LogitsScreeningSelfTest(KernelId kernel) {
  return CheckLogitsScreening(kernel, FindScreenFn(kernel));
}

}  // namespace bitnet
