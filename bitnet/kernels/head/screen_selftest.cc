#include "bitnet/kernels/head/screen_selftest.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/head/reference.h"
#include "bitnet/kernels/head/screen_bounds.h"
#include "bitnet/kernels/head/screen_reference.h"
#include "bitnet/kernels/known_answer.h"

namespace bitnet {
namespace {

// Fewer panels than runs in lockstep, more of them and a rest; a vocabulary that no panel divides; the longest sums of
// the usual models.
struct Case {
  int64_t vocab, dim;
};
constexpr Case kCases[] = {{1, 32}, {37, 96}, {309, 64}, {18, 2560}};

// A head quantized in plain code, with the arrays that a ScreenTable points to.
struct Table {
  Table(std::span<const F16> values, int64_t vocab, int64_t dim)
      : rows(static_cast<size_t>((vocab + kScreenPanelRows - 1) / kScreenPanelRows * kScreenPanelRows)),
        codes(rows * static_cast<size_t>(dim)),
        scale(rows),
        rest(rows),
        norm(rows),
        code_sum(rows),
        view{codes.data(), scale.data(), rest.data(), norm.data(), code_sum.data(), vocab, dim} {
    for (int64_t row = 0; row < vocab; row += kScreenPanelRows) {
      const int64_t count = vocab - row < kScreenPanelRows ? vocab - row : kScreenPanelRows;
      QuantizePanelScalar({values.data() + row * dim, count, dim, codes.data() + row * dim, scale.data() + row,
                           rest.data() + row, norm.data() + row, code_sum.data() + row});
    }
  }
  size_t rows;
  std::vector<int8_t> codes;
  std::vector<float> scale, rest, norm;
  std::vector<int32_t> code_sum;
  ScreenTable view;
};

}  // namespace

absl::StatusOr<Digest> CheckLogitsScreening(KernelId kernel, ScreenFn fn) {
  KnownAnswer answer(kernel);
  uint64_t seed = 2026;
  for (const Case& c : kCases) {
    // Alternating signs make the sums of one half of 127 * 127 as large as they get.
    for (Pattern pattern : {Pattern::kRandom, Pattern::kAlternating, Pattern::kDenormals}) {
      std::vector<float> values(static_cast<size_t>(c.vocab * c.dim)), h(static_cast<size_t>(c.dim));
      FillPattern(pattern == Pattern::kAlternating ? pattern : Pattern::kRandom, ++seed, values);
      FillPattern(pattern, ++seed, h);
      std::vector<F16> head;
      for (float value : values) head.push_back(F32ToF16(value));
      const Table table(head, c.vocab, c.dim);
      std::vector<uint8_t> high(h.size()), low(h.size());
      const RoundedHidden rounded = RoundHidden(h, high.data(), low.data());
      std::vector<float> lower(table.rows), upper(table.rows), want_lower(table.rows), want_upper(table.rows);
      ScreenArgs args = {table.view,          high.data(),         low.data(),        rounded.step,
                         rounded.rest_factor, rounded.norm_factor, want_lower.data(), want_upper.data()};
      ScreenReference(args);
      args.lower = lower.data();
      args.upper = upper.data();
      fn(args, 0, static_cast<int64_t>(table.rows) / kScreenPanelRows);
      const std::string name = absl::StrFormat("vocab=%d dim=%d %s", c.vocab, c.dim, PatternName(pattern));
      BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrCat(name, " lower"), want_lower, lower));
      BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrCat(name, " upper"), want_upper, upper));
      std::vector<float> logits(static_cast<size_t>(c.vocab));
      LogitsProjectionReference({head.data(), c.vocab, c.dim, h.data(), 1, logits.data()});
      for (size_t row = 0; row < logits.size(); ++row) {
        if (lower[row] <= logits[row] && logits[row] <= upper[row]) continue;
        return absl::InternalError(absl::StrCat("kernel ", GetKernel(kernel).id, " failed its self-test, case '", name,
                                                "': logit ", row, " is ", logits[row], ", outside of its bounds ",
                                                lower[row], " and ", upper[row]));
      }
    }
  }
  return answer.Finish();
}

}  // namespace bitnet
