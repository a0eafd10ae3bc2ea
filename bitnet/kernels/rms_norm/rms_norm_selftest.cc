#include "bitnet/kernels/rms_norm/rms_norm_selftest.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/rms_norm/reference.h"

namespace bitnet {

absl::StatusOr<Digest> CheckRmsNorm(KernelId kernel, RmsNormFn fn) {
  constexpr int64_t kRows = 2;
  KnownAnswer answer(kernel);
  for (int64_t dim : {1, 31, 32, 33, 640}) {
    for (Pattern pattern : kPatterns) {
      std::vector<float> x(kRows * dim), weight(dim), expected(x.size()), got(x.size());
      FillPattern(pattern, 1, x);
      FillPattern(Pattern::kRandom, 2, weight);
      RmsNormArgs args = {x.data(), weight.data(), expected.data(), kRows, dim, 1e-5f};
      RmsNormReference(args, 0, kRows);
      args.y = got.data();
      fn(args, 0, kRows);
      BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrFormat("dim=%d %s", dim, PatternName(pattern)), expected, got));
    }
  }
  return answer.Finish();
}

}  // namespace bitnet
