// Sampler: chooses a token from logits. The choice is a pure function of (params, logits, history, position): it does
// not depend on earlier choices, on threads or on the machine (float order as CA-1, random bits by Philox).
//
// The steps, in the order of the usual engines:
//   1. repetition penalty   each distinct id among the last `repetition_window` of the history, once: a positive logit
//                           is divided by the penalty, any other multiplied (Keskar et al., CTRL, 2019)
//      sorted               candidates by (logit descending, id ascending); l0 is the largest logit
//   2. temperature          weight w[i] = ca1::Exp((l[i] - l0) / temperature), so w[0] = 1. Temperature 0 chooses
//                           candidate 0
//   3. top-k                the first k candidates
//   4. top-p                the fewest of them, from the first on, whose weights reach top_p * (sum of all k weights)
//   5. min-p                of those, the ones with w[i] >= min_p
//   6. draw                 the first candidate at which the running sum of weights exceeds u * (sum of the kept),
//                           u uniform in [0, 1) with 53 bits from (seed, position)
// Sums are binary64 and run in sorted order, with one exception that saves sorting a whole vocabulary: when top-k
// leaves all of it, the sum over all weights runs in id order.

#ifndef BITNET_SAMPLING_SAMPLER_H_
#define BITNET_SAMPLING_SAMPLER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/sampling/sampling_params.h"

namespace bitnet {

// The candidates that a choice can depend on: the `largest` first ones, and all whose logit is less than that of the
// last of these by `within` at most. Any larger set gives the same token, whatever the other logits are, if they are
// below those in it. 0 largest: all candidates.
struct CandidateBound {
  int64_t largest = 0;
  double within = 0;
};
CandidateBound BoundCandidates(const SamplingParams& params);

// Keeps scratch memory between calls, nothing else; calls after the first allocate none as long as `logits` are as
// many. Not thread-safe, also through a const reference.
class Sampler {
 public:
  // `params` must be valid.
  explicit Sampler(const SamplingParams& params);

  const SamplingParams& params() const { return params_; }

  // `logits` [vocab], at least one, neither NaN nor +infinity, the largest finite; history ids are below vocab.
  // `position` is that of the token to choose: the number of tokens before it.
  int32_t Sample(std::span<const float> logits, std::span<const int32_t> history, uint64_t position) const;

 private:
  struct Candidate {
    float logit;
    int32_t id;
  };
  static bool Before(const Candidate& a, const Candidate& b) {
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
  }

  std::span<const float> Penalise(std::span<const float> logits, std::span<const int32_t> history) const;
  // Makes sorted_ the first `count` candidates.
  void SelectFirst(std::span<const float> logits, int64_t count) const;
  double Weight(float logit) const;
  int32_t Draw(std::span<const float> logits, double uniform) const;

  SamplingParams params_;
  mutable std::vector<float> penalised_;
  mutable std::vector<bool> seen_;  // [vocab] scratch of Penalise
  mutable std::vector<Candidate> sorted_;
};

}  // namespace bitnet

#endif  // BITNET_SAMPLING_SAMPLER_H_
