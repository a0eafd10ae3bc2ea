// SamplingParams: what the user asks of the choice of a token.

#ifndef BITNET_SAMPLING_SAMPLING_PARAMS_H_
#define BITNET_SAMPLING_SAMPLING_PARAMS_H_

#include <cstdint>

#include "absl/status/status.h"

namespace bitnet {

struct SamplingParams {
  float temperature = 0;         // >= 0; 0 is greedy
  int top_k = 0;                 // >= 0; keep the k most likely; 0 is off
  float top_p = 1;               // (0, 1]; keep the fewest that reach this probability; 1 is off
  float min_p = 0;               // [0, 1]; drop those below this fraction of the most likely; 0 is off
  float repetition_penalty = 1;  // > 0; 1 is off
  int repetition_window = 64;    // >= -1; how many of the last tokens are penalised; 0 is none, -1 is all
  uint64_t seed = 0;

  // InvalidArgument names the field, its range and the value.
  absl::Status Validate() const;

  // Whether the choice is the plain argmax of the logits, so that no sampler is needed.
  bool IsArgmax() const { return temperature == 0 && !Penalises(); }
  bool Penalises() const { return repetition_penalty != 1 && repetition_window != 0; }

  bool operator==(const SamplingParams&) const = default;
};

}  // namespace bitnet

#endif  // BITNET_SAMPLING_SAMPLING_PARAMS_H_
