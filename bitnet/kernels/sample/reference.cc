#include "bitnet/kernels/sample/reference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "bitnet/base/ca1.h"
#include "bitnet/base/philox.h"

namespace bitnet {
namespace {

constexpr uint64_t kStream = 0x73616d706c65;  // of the sampler: "sample"

std::vector<std::pair<float, int32_t>> SortedCandidates(const SamplingParams& params, std::span<const float> logits,
                                                        std::span<const int32_t> history) {
  std::vector<std::pair<float, int32_t>> candidates;
  for (size_t id = 0; id < logits.size(); ++id) candidates.emplace_back(logits[id], static_cast<int32_t>(id));
  const size_t window = params.repetition_window < 0 ? history.size() : static_cast<size_t>(params.repetition_window);
  const std::set<int32_t> penalised(history.end() - std::min(window, history.size()), history.end());
  for (int32_t id : penalised) {
    float& logit = candidates[id].first;
    logit = logit > 0 ? logit / params.repetition_penalty : logit * params.repetition_penalty;
  }
  // Stable on ids ascending: ties keep the lower id first.
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  return candidates;
}

double Uniform(uint64_t seed, uint64_t position) {
  const std::array<uint32_t, 4> words = PhiloxAt(seed, kStream, position);
  return std::ldexp(static_cast<double>(words[0]), -32) + std::ldexp(static_cast<double>(words[1] >> 11), -53);
}

}  // namespace

int64_t ArgmaxReference(std::span<const float> x) { return std::max_element(x.begin(), x.end()) - x.begin(); }

int32_t SampleReference(const SamplingParams& params, std::span<const float> logits, std::span<const int32_t> history,
                        uint64_t position) {
  std::vector<std::pair<float, int32_t>> candidates = SortedCandidates(params, logits, history);
  if (params.temperature == 0) return candidates[0].second;
  const auto weight = [&](float logit) -> double {
    return ca1::Exp((logit - candidates[0].first) / params.temperature);
  };
  const size_t k = params.top_k == 0 ? candidates.size() : std::min<size_t>(params.top_k, candidates.size());
  double mass = 0;
  if (k == candidates.size()) {
    std::vector<float> by_id(k);
    for (const auto& [logit, id] : candidates) by_id[id] = logit;
    for (float logit : by_id) mass += weight(logit);
  } else {
    for (size_t i = 0; i < k; ++i) mass += weight(candidates[i].first);
  }
  size_t count = k;
  double kept = mass;
  if (params.top_p < 1 || params.min_p > 0) {
    kept = 0;
    for (count = 0; count < k && weight(candidates[count].first) >= params.min_p; ++count) {
      if (params.top_p < 1 && kept >= params.top_p * mass) break;
      kept += weight(candidates[count].first);
    }
  }
  const double target = Uniform(params.seed, position) * kept;
  double sum = 0;
  size_t chosen = 0;
  for (size_t i = 0; i < count && weight(candidates[i].first) > 0; ++i) {
    sum += weight(candidates[i].first);
    chosen = i;
    if (sum > target) break;
  }
  return candidates[chosen].second;
}

}  // namespace bitnet
