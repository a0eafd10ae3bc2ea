#include "bitnet/sampling/sampler.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/log/check.h"
#include "bitnet/base/ca1.h"
#include "bitnet/base/philox.h"

namespace bitnet {
namespace {

// Keeps the sampler's random words apart from any other use of the same seed.
constexpr uint64_t kSamplerStream = 0x73616d706c65;  // "sample"

// Candidates sorted at first when top-k does not say how many; most draws end among them.
constexpr int64_t kFirstSelection = 256;
constexpr int64_t kSelectionGrowth = 8;

double UniformAt(uint64_t seed, uint64_t position) {
  const std::array<uint32_t, 4> words = PhiloxAt(seed, kSamplerStream, position);
  const uint64_t bits = (static_cast<uint64_t>(words[0]) << 21) ^ (words[1] >> 11);  // 53 bits
  return static_cast<double>(bits) * 0x1p-53;
}

}  // namespace

// min-p keeps a candidate when ca1::Exp(fl(fl(l - l0) / T)) >= min_p. ca1::Exp is at most 1.02 ulp above e^x and the
// two roundings change x by 2^-22 of itself at most, so that candidates with l0 - l > T (-ln min_p + 2^-22)(1 + 2^-22)
// are dropped; with kMargin in place of 2^-22 the rounding of the logarithm and of the product have room as well. The
// first that is dropped ends the choice (step 5), so that what follows it cannot matter either. Without min-p, or when
// the probabilities of top-p are shares of the sum over all weights, every logit enters the choice.
CandidateBound BoundCandidates(const SamplingParams& params) {
  constexpr double kMargin = 1e-5;
  if (params.IsArgmax()) return {.largest = 1};
  if (params.Penalises()) return {};
  if (params.top_k > 0) return {.largest = params.top_k};
  if (params.min_p == 0 || params.top_p < 1) return {};
  const double span = -ca1::LogDouble(double{params.min_p});
  return {.largest = 1, .within = double{params.temperature} * (span + kMargin) * (1 + kMargin)};
}

Sampler::Sampler(const SamplingParams& params) : params_(params) { CHECK_OK(params.Validate()); }

std::span<const float> Sampler::Penalise(std::span<const float> logits, std::span<const int32_t> history) const {
  if (!params_.Penalises()) return logits;
  const size_t window = params_.repetition_window < 0
                            ? history.size()
                            : std::min(history.size(), static_cast<size_t>(params_.repetition_window));
  const std::span<const int32_t> last = history.last(window);
  penalised_.assign(logits.begin(), logits.end());
  seen_.resize(logits.size());  // all false, as every call leaves them
  for (int32_t id : last) {
    CHECK(id >= 0 && id < static_cast<int64_t>(logits.size())) << "history holds token " << id;
    if (seen_[id]) continue;
    seen_[id] = true;
    float& logit = penalised_[id];
    logit = logit > 0 ? logit / params_.repetition_penalty : logit * params_.repetition_penalty;
  }
  for (int32_t id : last) seen_[id] = false;
  return penalised_;
}

// One pass that keeps the best `count` seen so far: a buffer of twice as many is cut back each time it is full, and
// from then on most of the vocabulary fails one comparison with the last one kept.
void Sampler::SelectFirst(std::span<const float> logits, int64_t count) const {
  const size_t keep = static_cast<size_t>(count);
  sorted_.clear();
  float least = -HUGE_VALF;  // a later id must be above this to be among the first `count`
  bool full = false;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (full && !(logits[id] > least)) continue;
    sorted_.push_back({logits[id], static_cast<int32_t>(id)});
    if (sorted_.size() == 2 * keep) {
      std::nth_element(sorted_.begin(), sorted_.begin() + (keep - 1), sorted_.end(), Before);
      sorted_.resize(keep);
      least = sorted_.back().logit;
      full = true;
    }
  }
  if (sorted_.size() > keep) {
    std::nth_element(sorted_.begin(), sorted_.begin() + (keep - 1), sorted_.end(), Before);
    sorted_.resize(keep);
  }
  std::sort(sorted_.begin(), sorted_.end(), Before);
}

double Sampler::Weight(float logit) const { return ca1::Exp((logit - sorted_[0].logit) / params_.temperature); }

int32_t Sampler::Draw(std::span<const float> logits, double uniform) const {
  const int64_t vocab = static_cast<int64_t>(logits.size());
  const int64_t k = params_.top_k == 0 ? vocab : std::min<int64_t>(params_.top_k, vocab);
  sorted_.reserve(static_cast<size_t>(std::min(2 * k, vocab)));  // what any selection holds; allocated once
  SelectFirst(logits, k < vocab ? k : std::min(kFirstSelection, vocab));
  const auto selected = [&] { return static_cast<int64_t>(sorted_.size()); };

  const bool cuts_mass = params_.top_p < 1;
  double mass = 0;  // of all k candidates
  if (k == vocab) {
    if (cuts_mass || params_.min_p == 0) {
      for (float logit : logits) mass += Weight(logit);
    }
  } else {
    for (const Candidate& candidate : sorted_) mass += Weight(candidate.logit);
  }

  // The number of candidates kept, and their sum. Without a cut that is all k, whose sum is known already.
  double kept = mass;
  int64_t count = k;
  if (cuts_mass || params_.min_p > 0) {
    kept = 0;
    count = 0;
    while (count < k) {
      if (count == selected()) SelectFirst(logits, std::min(k, selected() * kSelectionGrowth));
      const double weight = Weight(sorted_[count].logit);
      if (weight < params_.min_p) break;
      kept += weight;
      ++count;
      if (cuts_mass && kept >= params_.top_p * mass) break;
    }
  }

  double sum = 0;
  int64_t last = 0;  // with a weight above 0: the answer if rounding keeps the running sum below the target
  for (int64_t i = 0; i < count; ++i) {
    if (i == selected()) SelectFirst(logits, std::min(k, selected() * kSelectionGrowth));
    const double weight = Weight(sorted_[i].logit);
    if (weight == 0) break;
    sum += weight;
    last = i;
    if (sum > uniform * kept) break;
  }
  return sorted_[last].id;
}

int32_t Sampler::Sample(std::span<const float> logits, std::span<const int32_t> history, uint64_t position) const {
  CHECK(!logits.empty());
  const std::span<const float> adjusted = Penalise(logits, history);
  if (params_.temperature == 0) {
    return static_cast<int32_t>(std::max_element(adjusted.begin(), adjusted.end()) - adjusted.begin());
  }
  return Draw(adjusted, UniformAt(params_.seed, position));
}

}  // namespace bitnet
