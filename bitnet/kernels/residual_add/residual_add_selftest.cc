#include "bitnet/kernels/residual_add/residual_add_selftest.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/residual_add/reference.h"

namespace bitnet {

absl::StatusOr<Digest> CheckResidualAdd(KernelId kernel, ResidualAddFn fn) {
  constexpr int64_t kRows = 2;
  KnownAnswer answer(kernel);
  for (int64_t dim : {1, 31, 32, 33, 640}) {
    for (Pattern pattern : kPatterns) {
      std::vector<float> expected(kRows * dim), y(expected.size());
      FillPattern(pattern, 1, expected);
      FillPattern(pattern, 2, y);
      std::vector<float> got = expected;
      ResidualAddReference({expected.data(), y.data(), kRows, dim}, 0, kRows);
      fn({got.data(), y.data(), kRows, dim}, 0, kRows);
      BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrFormat("dim=%d %s", dim, PatternName(pattern)), expected, got));
    }
  }
  return answer.Finish();
}

}  // namespace bitnet
