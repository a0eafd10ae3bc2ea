#include "verify/compare/rank_intervals.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "absl/log/check.h"
#include "verify/compare/rank_counts.h"

namespace bitnet::verify {
namespace {

// From the sorted points that the statistic counts.
RatioInterval IntervalOf(const std::vector<double>& sorted, const std::vector<absl::uint128>& counts, double level) {
  const size_t n = sorted.size();
  RatioInterval interval;
  interval.estimate = n % 2 == 1 ? sorted[n / 2] : std::sqrt(sorted[n / 2 - 1]) * std::sqrt(sorted[n / 2]);
  if (const std::optional<size_t> k = CriticalValue(counts, level)) {
    interval.lower = sorted[*k];
    interval.upper = sorted[n - 1 - *k];
  }
  return interval;
}

}  // namespace

RatioInterval SignedRankInterval(std::span<const double> ratios, double level) {
  CHECK(!ratios.empty());
  std::vector<double> walsh;
  walsh.reserve(ratios.size() * (ratios.size() + 1) / 2);
  for (size_t i = 0; i < ratios.size(); ++i) {
    for (size_t j = i; j < ratios.size(); ++j) walsh.push_back(std::sqrt(ratios[i] * ratios[j]));
  }
  std::sort(walsh.begin(), walsh.end());
  return IntervalOf(walsh, SignedRankCounts(ratios.size()), level);
}

RatioInterval RankSumInterval(std::span<const double> baseline, std::span<const double> current, double level) {
  CHECK(!baseline.empty() && !current.empty());
  std::vector<double> quotients;
  quotients.reserve(baseline.size() * current.size());
  for (const double base : baseline) {
    for (const double now : current) quotients.push_back(now / base);
  }
  std::sort(quotients.begin(), quotients.end());
  return IntervalOf(quotients, RankSumCounts(baseline.size(), current.size()), level);
}

}  // namespace bitnet::verify
