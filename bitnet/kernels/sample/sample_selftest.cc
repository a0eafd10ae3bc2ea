#include "bitnet/kernels/sample/sample_selftest.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/sample/reference.h"

namespace bitnet {
namespace {

constexpr SamplingParams kParams[] = {
    {.temperature = 0, .repetition_penalty = 1.3f, .seed = 1},
    {.temperature = 1, .seed = 2},
    {.temperature = 0.7f, .top_k = 5, .seed = 3},
    {.temperature = 1.5f, .top_p = 0.9f, .seed = 4},
    {.temperature = 1, .min_p = 0.05f, .repetition_penalty = 1.1f, .repetition_window = 4, .seed = 5},
    {.temperature = 0.8f, .top_k = 40, .top_p = 0.95f, .min_p = 0.01f, .repetition_penalty = 0.9f, .seed = 6},
};

}  // namespace

absl::StatusOr<Digest> CheckArgmax(KernelId kernel, ArgmaxFn fn) {
  KnownAnswer answer(kernel);
  uint64_t seed = 0;
  for (int64_t n : {1, 15, 16, 17, 127, 4100}) {
    for (Pattern pattern : kPatterns) {
      std::vector<float> x(n);
      FillPattern(pattern, ++seed, x);
      if (pattern == Pattern::kRandom) x[n / 2] = x[n - 1] = 5;  // a tie far apart, above the pattern's range
      const float expected = static_cast<float>(ArgmaxReference(x));
      const float got = static_cast<float>(fn(x.data(), n));
      const std::string name = absl::StrFormat("n=%d %s", n, PatternName(pattern));
      BITNET_RETURN_IF_ERROR(answer.Compare(name, {&expected, 1}, {&got, 1}));
    }
  }
  return answer.Finish();
}

absl::StatusOr<Digest> CheckSample(KernelId kernel, SampleFn fn) {
  KnownAnswer answer(kernel);
  const std::vector<int32_t> history = {3, 0, 7, 7, 200, 12};
  for (int64_t n : {300, 2000}) {
    std::vector<float> logits(n);
    FillPattern(Pattern::kRandom, static_cast<uint64_t>(n), logits);
    for (size_t i = 0; i < std::size(kParams); ++i) {
      for (uint64_t position : {0, 1, 4096}) {
        const float expected = static_cast<float>(SampleReference(kParams[i], logits, history, position));
        const float got = static_cast<float>(fn(kParams[i], logits, history, position));
        const std::string name = absl::StrFormat("n=%d params=%d position=%d", n, i, position);
        BITNET_RETURN_IF_ERROR(answer.Compare(name, {&expected, 1}, {&got, 1}));
      }
    }
  }
  return answer.Finish();
}

}  // namespace bitnet
