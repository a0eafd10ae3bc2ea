#include "bitnet/kernels/head/head_selftest.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/head/reference.h"
#include "bitnet/kernels/known_answer.h"

namespace bitnet {
namespace {

// Small shapes that reach every path: a dim below, at and above the 32 lanes, a vocabulary that no group of rows
// divides, token rows above a block of four.
struct Case {
  int64_t vocab, dim, rows;
};
constexpr Case kCases[] = {{1, 1, 1}, {5, 31, 2}, {19, 32, 1}, {37, 33, 5}, {70, 160, 7}, {9, 640, 1}};

}  // namespace

absl::StatusOr<Digest> CheckLogitsProjection(KernelId kernel, LogitsProjectionFn fn) {
  KnownAnswer answer(kernel);
  uint64_t seed = 0;
  for (const Case& c : kCases) {
    for (Pattern pattern : {Pattern::kDenormals, Pattern::kAlternating, Pattern::kRandom}) {
      std::vector<float> values(c.vocab * c.dim), h(c.rows * c.dim);
      FillPattern(Pattern::kRandom, ++seed, values);
      FillPattern(pattern, ++seed, h);
      std::vector<F16> table;
      for (float value : values) table.push_back(F32ToF16(value));
      std::vector<float> expected(c.rows * c.vocab), got(c.rows * c.vocab);
      LogitsProjectionArgs args = {table.data(), c.vocab, c.dim, h.data(), c.rows, expected.data()};
      LogitsProjectionReference(args);
      args.logits = got.data();
      fn(args, 0, c.vocab);
      const std::string name =
          absl::StrFormat("vocab=%d dim=%d rows=%d %s", c.vocab, c.dim, c.rows, PatternName(pattern));
      BITNET_RETURN_IF_ERROR(answer.Compare(name, expected, got));
    }
  }
  return answer.Finish();
}

}  // namespace bitnet
