#include "bitnet/kernels/head/screen_selftest.h"

#include <array>
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

// Hidden states, rounded, and the bounds of their logits.
struct Tokens {
  Tokens(Pattern pattern, uint64_t seed, int64_t dim, size_t table_rows) {
    for (Token& token : of) {
      token.h.resize(static_cast<size_t>(dim));
      FillPattern(pattern, ++seed, token.h);
      token.high.resize(token.h.size());
      token.low.resize(token.h.size());
      token.rounded = RoundHidden(token.h, token.high.data(), token.low.data());
      token.lower.resize(table_rows);
      token.upper.resize(table_rows);
    }
  }
  std::vector<ScreenToken> Views() {
    std::vector<ScreenToken> views;
    for (Token& t : of) {
      views.push_back({t.high.data(), t.low.data(), t.rounded.step, t.rounded.rest_factor, t.rounded.norm_factor,
                       t.lower.data(), t.upper.data()});
    }
    return views;
  }
  struct Token {
    std::vector<float> h;
    std::vector<uint8_t> high, low;
    RoundedHidden rounded;
    std::vector<float> lower, upper;
  };
  std::array<Token, kMaxScreenRows> of;
};

}  // namespace

absl::StatusOr<Digest> CheckLogitsScreening(KernelId kernel, ScreenFn fn) {
  KnownAnswer answer(kernel);
  uint64_t seed = 2026;
  for (const Case& c : kCases) {
    // Alternating signs make the sums of one half of 127 * 127 as large as they get.
    for (Pattern pattern : {Pattern::kRandom, Pattern::kAlternating, Pattern::kDenormals}) {
      std::vector<float> values(static_cast<size_t>(c.vocab * c.dim));
      FillPattern(pattern == Pattern::kAlternating ? pattern : Pattern::kRandom, seed += 100, values);
      std::vector<F16> head;
      for (float value : values) head.push_back(F32ToF16(value));
      const Table table(head, c.vocab, c.dim);
      Tokens want(pattern, seed, c.dim, table.rows);
      const std::vector<ScreenToken> wanted = want.Views();
      ScreenReference({table.view, wanted.data(), kMaxScreenRows});
      for (int64_t tokens : {int64_t{1}, int64_t{2}, int64_t{3}, int64_t{4}, int64_t{5}, int64_t{7}, kMaxScreenRows}) {
        Tokens got(pattern, seed, c.dim, table.rows);
        const std::vector<ScreenToken> views = got.Views();
        fn({table.view, views.data(), tokens}, 0, static_cast<int64_t>(table.rows) / kScreenPanelRows);
        for (int64_t t = 0; t < tokens; ++t) {
          const std::string name =
              absl::StrFormat("vocab=%d dim=%d %s token %d of %d", c.vocab, c.dim, PatternName(pattern), t + 1, tokens);
          BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrCat(name, " lower"), want.of[t].lower, got.of[t].lower));
          BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrCat(name, " upper"), want.of[t].upper, got.of[t].upper));
        }
      }
      for (const Tokens::Token& token : want.of) {
        std::vector<float> logits(static_cast<size_t>(c.vocab));
        LogitsProjectionReference({head.data(), c.vocab, c.dim, token.h.data(), 1, logits.data()});
        for (size_t row = 0; row < logits.size(); ++row) {
          if (token.lower[row] <= logits[row] && logits[row] <= token.upper[row]) continue;
          return absl::InternalError(absl::StrFormat(
              "kernel %s failed its self-test, case 'vocab=%d dim=%d %s': logit %d is %g, outside of its bounds %g and "
              "%g",
              GetKernel(kernel).id, c.vocab, c.dim, PatternName(pattern), row, logits[row], token.lower[row],
              token.upper[row]));
        }
      }
    }
  }
  return answer.Finish();
}

}  // namespace bitnet
