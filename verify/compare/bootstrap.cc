#include "verify/compare/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/base/philox.h"
#include "verify/compare/normal.h"

namespace bitnet::verify {
namespace {

constexpr size_t kMaxValues = 4096;

// One side's values in ascending order, and medians of it: whole, with one left out, resampled.
class Sample {
 public:
  explicit Sample(std::span<const double> values) : sorted_(values.begin(), values.end()), drawn_(values.size()) {
    CHECK(values.size() >= 2 && values.size() <= kMaxValues) << values.size();
    std::sort(sorted_.begin(), sorted_.end());
  }

  size_t size() const { return sorted_.size(); }
  double Median() const { return Middle(sorted_); }

  double MedianWithout(size_t index) const {
    std::vector<double> rest = sorted_;
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(index));
    return Middle(rest);
  }

  // Of size() draws with replacement, four for each position of the stream. How often each value was drawn says where
  // the middle is; nothing is sorted. An index is chosen with a bias below size() / 2^32.
  double ResampledMedian(uint64_t seed, uint64_t stream) {
    std::fill(drawn_.begin(), drawn_.end(), 0);
    for (size_t i = 0; i < size(); i += 4) {
      const auto words = PhiloxAt(seed, stream, i / 4);
      for (size_t j = i; j < std::min(i + 4, size()); ++j) ++drawn_[(uint64_t{words[j - i]} * size()) >> 32];
    }
    return (Drawn((size() - 1) / 2) + Drawn(size() / 2)) / 2;
  }

 private:
  static double Middle(const std::vector<double>& sorted) {
    return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
  }
  // The draw at `position` of the resample in ascending order.
  double Drawn(size_t position) const {
    size_t index = 0;
    for (size_t seen = drawn_[0]; seen <= position; seen += drawn_[index]) ++index;
    return sorted_[index];
  }

  std::vector<double> sorted_;
  std::vector<uint32_t> drawn_;  // of each value of sorted_
};

// Adds one side's share of sum U^3 / n^3 and sum U^2 / n^2, where U_i = (n - 1) (mean of the others' statistic - i's)
// are the jackknife's influence values.
void AddInfluence(const std::vector<double>& without, double& cubes, double& squares) {
  double mean = 0;
  for (const double value : without) mean += value;
  mean /= static_cast<double>(without.size());
  const double scale = static_cast<double>(without.size() - 1) / static_cast<double>(without.size());
  for (const double value : without) {
    const double u = scale * (mean - value);
    cubes += u * u * u;
    squares += u * u;
  }
}

// The bounds from the resampled statistics. The share below the estimate counts half of those equal to it: a median of
// few values meets itself often.
RatioInterval BcaInterval(double estimate, std::vector<double> resampled, double acceleration, double level) {
  RatioInterval interval;
  interval.estimate = estimate;
  std::sort(resampled.begin(), resampled.end());
  const auto [first, last] = std::equal_range(resampled.begin(), resampled.end(), estimate);
  const double size = static_cast<double>(resampled.size());
  const double below = static_cast<double>((first - resampled.begin()) + (last - resampled.begin())) / 2 / size;
  const double bias = NormalQuantile(std::clamp(below, 0.5 / size, 1 - 0.5 / size));
  const auto adjusted = [&](double z) {
    const double denominator = 1 - acceleration * (bias + z);
    return denominator > 0 ? NormalCdf(bias + (bias + z) / denominator) : -1;
  };
  const double z = NormalQuantile(level);
  const double low = adjusted(z), high = adjusted(-z);
  // The k-th of B resamples is taken for k = p (B + 1), rounded outwards; beyond the outermost there is no bound.
  const double low_rank = std::floor(low * (size + 1)), high_rank = std::ceil(high * (size + 1));
  if (low_rank >= 1) interval.lower = resampled[static_cast<size_t>(low_rank) - 1];
  if (high >= 0 && high_rank <= size) interval.upper = resampled[static_cast<size_t>(high_rank) - 1];
  return interval;
}

double Acceleration(double cubes, double squares) {
  return squares > 0 ? cubes / (6 * squares * std::sqrt(squares)) : 0;
}

}  // namespace

RatioInterval PairedBootstrapInterval(std::span<const double> ratios, const BootstrapOptions& options) {
  Sample sample(ratios);
  std::vector<double> resampled(options.resamples);
  for (size_t i = 0; i < resampled.size(); ++i) resampled[i] = sample.ResampledMedian(options.seed, i);
  std::vector<double> without(sample.size());
  for (size_t i = 0; i < without.size(); ++i) without[i] = sample.MedianWithout(i);
  double cubes = 0, squares = 0;
  AddInfluence(without, cubes, squares);
  return BcaInterval(sample.Median(), std::move(resampled), Acceleration(cubes, squares), options.level);
}

RatioInterval UnpairedBootstrapInterval(std::span<const double> baseline, std::span<const double> current,
                                        const BootstrapOptions& options) {
  Sample base(baseline), now(current);
  std::vector<double> resampled(options.resamples);
  for (size_t i = 0; i < resampled.size(); ++i) {
    resampled[i] = now.ResampledMedian(options.seed, 2 * i + 1) / base.ResampledMedian(options.seed, 2 * i);
  }
  std::vector<double> without_base(base.size()), without_now(now.size());
  for (size_t i = 0; i < base.size(); ++i) without_base[i] = now.Median() / base.MedianWithout(i);
  for (size_t i = 0; i < now.size(); ++i) without_now[i] = now.MedianWithout(i) / base.Median();
  double cubes = 0, squares = 0;
  AddInfluence(without_base, cubes, squares);
  AddInfluence(without_now, cubes, squares);
  return BcaInterval(now.Median() / base.Median(), std::move(resampled), Acceleration(cubes, squares), options.level);
}

}  // namespace bitnet::verify
