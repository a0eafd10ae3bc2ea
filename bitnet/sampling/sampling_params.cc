#include "bitnet/sampling/sampling_params.h"

#include <limits>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace bitnet {
namespace {

absl::Status OutOfRange(std::string_view field, std::string_view range, double value) {
  return absl::InvalidArgumentError(absl::StrCat("sampling: ", field, " must be ", range, ", got ", value));
}

}  // namespace

absl::Status SamplingParams::Validate() const {
  // Written so that NaN fails every one.
  constexpr float kMax = std::numeric_limits<float>::max();
  if (!(temperature >= 0 && temperature <= kMax)) {
    return OutOfRange("temperature", "a number >= 0 (0 is greedy)", temperature);
  }
  if (top_k < 0) return OutOfRange("top-k", ">= 0 (0 is off)", top_k);
  if (!(top_p > 0 && top_p <= 1)) return OutOfRange("top-p", "in (0, 1] (1 is off)", top_p);
  if (!(min_p >= 0 && min_p <= 1)) return OutOfRange("min-p", "in [0, 1] (0 is off)", min_p);
  if (!(repetition_penalty > 0 && repetition_penalty <= kMax)) {
    return OutOfRange("repetition penalty", "a number > 0 (1 is off)", repetition_penalty);
  }
  if (repetition_window < -1) {
    return OutOfRange("repetition window", ">= -1 (0 is no token, -1 is all)", repetition_window);
  }
  return absl::OkStatus();
}

}  // namespace bitnet
