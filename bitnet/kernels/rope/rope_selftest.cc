#include "bitnet/kernels/rope/rope_selftest.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/rope/reference.h"

namespace bitnet {

absl::StatusOr<Digest> CheckRope(KernelId kernel, RopeFn fn) {
  constexpr int64_t kRows = 2;
  constexpr int64_t kHeads = 3;
  KnownAnswer answer(kernel);
  for (int64_t head_dim : {2, 30, 34, 128}) {
    // Not a real table: rows of different numbers show a kernel that reads the wrong row or swaps sine and cosine.
    std::vector<float> cosines(kRows * head_dim / 2), sines(cosines.size());
    FillPattern(Pattern::kRandom, 1, cosines);
    FillPattern(Pattern::kRandom, 2, sines);
    for (Pattern pattern : kPatterns) {
      // Large values times a table entry above 1 overflow, and infinity minus infinity is NaN.
      if (pattern == Pattern::kLarge) continue;
      std::vector<float> expected(kRows * kHeads * head_dim);
      FillPattern(pattern, 3, expected);
      std::vector<float> got = expected;
      RopeReference({expected.data(), kHeads, head_dim, cosines.data(), sines.data()}, 0, kRows);
      fn({got.data(), kHeads, head_dim, cosines.data(), sines.data()}, 0, kRows);
      BITNET_RETURN_IF_ERROR(
          answer.Compare(absl::StrFormat("head_dim=%d %s", head_dim, PatternName(pattern)), expected, got));
    }
  }
  return answer.Finish();
}

}  // namespace bitnet
