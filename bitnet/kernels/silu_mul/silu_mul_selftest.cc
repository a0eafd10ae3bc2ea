#include "bitnet/kernels/silu_mul/silu_mul_selftest.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/silu_mul/reference.h"

namespace bitnet {

absl::StatusOr<Digest> CheckSiluMul(KernelId kernel, SiluMulFn fn) {
  constexpr int64_t kRows = 2;
  KnownAnswer answer(kernel);
  for (int64_t dim : {1, 31, 32, 33, 640}) {
    for (Pattern pattern : kPatterns) {
      std::vector<float> gate(kRows * dim), up(gate.size()), expected(gate.size()), got(gate.size());
      FillPattern(pattern, 1, gate);
      FillPattern(Pattern::kRandom, 2, up);
      SiluMulArgs args = {gate.data(), up.data(), expected.data(), kRows, dim};
      SiluMulReference(args, 0, kRows);
      args.out = got.data();
      fn(args, 0, kRows);
      BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrFormat("dim=%d %s", dim, PatternName(pattern)), expected, got));
    }
  }
  return answer.Finish();
}

}  // namespace bitnet
