#include "verify/compare/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "bitnet/base/philox.h"
#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

std::vector<double> Values(size_t n, uint64_t stream) {
  std::vector<double> values;
  for (size_t i = 0; i < n; ++i) values.push_back(0.9 + 0.2 * PhiloxAt(7, stream, i)[0] / 4294967296.0);
  return values;
}

double Binomial(unsigned n, unsigned k) {
  double result = 1;
  for (unsigned i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return result;
}

// P(median of a resample of n = 2h + 1 values <= the k-th smallest): at least h + 1 of the n draws are among the k.
double MedianAtMost(unsigned n, unsigned k) {
  const double share = static_cast<double>(k) / n;
  double p = 0;
  for (unsigned hits = n / 2 + 1; hits <= n; ++hits) {
    p += Binomial(n, hits) * std::pow(share, hits) * std::pow(1 - share, n - hits);
  }
  return p;
}

// Of an odd number of values that lie symmetrically around their median neither bias nor skewness is left, and BCa is
// the percentile interval of the exact bootstrap distribution, whose points are the values themselves.
TEST(BootstrapTest, SymmetricValuesGiveThePercentilesOfTheExactDistribution) {
  for (const unsigned n : {11u, 15u, 21u}) {
    std::vector<double> ratios;
    for (unsigned i = 0; i < n; ++i) ratios.push_back(1 + 0.01 * (static_cast<double>(i) - n / 2));
    for (const double level : {0.0125, 0.05}) {
      const RatioInterval interval = PairedBootstrapInterval(ratios, {.level = level, .resamples = 40000});
      unsigned k = 1;
      while (MedianAtMost(n, k) < level) ++k;
      EXPECT_DOUBLE_EQ(interval.lower, ratios[k - 1]) << n << " " << level;
      EXPECT_DOUBLE_EQ(interval.upper, ratios[n - k]) << n << " " << level;
      EXPECT_DOUBLE_EQ(interval.estimate, 1) << n;
    }
  }
}

// The same interval once more, as Efron writes it: every resample sorted, every jackknife value computed anew, the
// normal distribution from erfc and its quantile by bisection. Bounds are resampled values, so they are equal or wrong.
double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

double Phi(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

double PhiInverse(double p) {
  double low = -40, high = 40;
  for (int i = 0; i < 200; ++i) (Phi((low + high) / 2) < p ? low : high) = (low + high) / 2;
  return (low + high) / 2;
}

std::vector<double> Resample(std::vector<double> values, uint64_t seed, uint64_t stream) {
  std::sort(values.begin(), values.end());
  std::vector<double> drawn;
  for (size_t i = 0; i < values.size(); ++i) {
    drawn.push_back(values[(uint64_t{PhiloxAt(seed, stream, i / 4)[i % 4]} * values.size()) >> 32]);
  }
  return drawn;
}

// The statistic with each value left out in turn, from the mean of that, times (n - 1) / n.
template <typename Statistic>
std::vector<double> Influence(const std::vector<double>& values, Statistic statistic) {
  std::vector<double> without;
  const double n = static_cast<double>(values.size());
  double mean = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    std::vector<double> rest = values;
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(i));
    without.push_back(statistic(rest));
    mean += without.back() / n;
  }
  for (double& value : without) value = (n - 1) / n * (mean - value);
  return without;
}

RatioInterval Bca(double estimate, std::vector<double> resampled, const std::vector<double>& influence, double level) {
  double cubes = 0, squares = 0;
  for (const double u : influence) {
    cubes += u * u * u;
    squares += u * u;
  }
  const double acceleration = squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
  std::sort(resampled.begin(), resampled.end());
  const double size = static_cast<double>(resampled.size());
  double below = 0;
  for (const double value : resampled) below += value < estimate ? 1 : value == estimate ? 0.5 : 0;
  const double bias = PhiInverse(std::min(std::max(below / size, 0.5 / size), 1 - 0.5 / size));
  const auto rank = [&](double p) {
    const double z = bias + PhiInverse(p);
    return Phi(bias + z / (1 - acceleration * z)) * (size + 1);
  };
  RatioInterval interval;
  interval.estimate = estimate;
  const double low = std::floor(rank(level)), high = std::ceil(rank(1 - level));
  if (low >= 1) interval.lower = resampled[static_cast<size_t>(low) - 1];
  if (high <= size) interval.upper = resampled[static_cast<size_t>(high) - 1];
  return interval;
}

// Skewed on purpose: bias and acceleration move the bounds.
std::vector<double> Skewed(size_t n, uint64_t stream) {
  std::vector<double> values = Values(n, stream);
  for (double& value : values) value = 0.5 + std::pow(value, 9);
  return values;
}

void ExpectSame(const RatioInterval& got, const RatioInterval& expected) {
  EXPECT_DOUBLE_EQ(got.estimate, expected.estimate);
  EXPECT_DOUBLE_EQ(got.lower, expected.lower);
  EXPECT_DOUBLE_EQ(got.upper, expected.upper);
}

TEST(BootstrapTest, PairedIsTheTextbooksInterval) {
  for (const size_t n : {2u, 3u, 10u, 13u}) {
    for (const uint64_t stream : {1u, 2u}) {
      for (const size_t resamples : {3u, 7u, 400u}) {
        for (const double level : {0.0125, 0.05, 0.3}) {
          SCOPED_TRACE(testing::Message() << n << " values, stream " << stream << ", " << resamples << ", " << level);
          const std::vector<double> ratios = Skewed(n, stream);
          std::vector<double> resampled;
          for (size_t i = 0; i < resamples; ++i) resampled.push_back(MedianOf(Resample(ratios, 5, i)));
          ExpectSame(PairedBootstrapInterval(ratios, {.level = level, .seed = 5, .resamples = resamples}),
                     Bca(MedianOf(ratios), resampled, Influence(ratios, MedianOf), level));
        }
      }
    }
  }
}

// A single resample lies below the estimate or above it, and its share of resamples below is none or all: half a
// resample is what it counts as. At a level of just above a half the bound is then this resample, and beyond it there
// is none.
TEST(BootstrapTest, NoResampleBelowCountsAsHalfOfOne) {
  int below = 0, above = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<double> ratios = Skewed(11, seed);
    const double resampled = MedianOf(Resample(ratios, seed, 0));
    const RatioInterval interval = PairedBootstrapInterval(ratios, {.level = 0.500001, .seed = seed, .resamples = 1});
    EXPECT_EQ(interval.lower, resampled) << seed;
    EXPECT_EQ(interval.upper, resampled) << seed;
    below += resampled < interval.estimate ? 1 : 0;
    above += resampled > interval.estimate ? 1 : 0;
  }
  EXPECT_GT(below, 0);
  EXPECT_GT(above, 0);
}

TEST(BootstrapTest, UnpairedIsTheTextbooksInterval) {
  for (const uint64_t stream : {1u, 2u, 3u}) {
    for (const size_t resamples : {3u, 7u, 400u}) {
      for (const double level : {0.0125, 0.05, 0.3}) {
        SCOPED_TRACE(testing::Message() << "stream " << stream << ", " << resamples << ", " << level);
        const std::vector<double> baseline = Skewed(9, stream), current = Skewed(14, stream + 10);
        const double base = MedianOf(baseline), now = MedianOf(current);
        std::vector<double> resampled;
        for (size_t i = 0; i < resamples; ++i) {
          resampled.push_back(MedianOf(Resample(current, 5, 2 * i + 1)) / MedianOf(Resample(baseline, 5, 2 * i)));
        }
        std::vector<double> influence =
            Influence(baseline, [&](const std::vector<double>& rest) { return now / MedianOf(rest); });
        for (const double u :
             Influence(current, [&](const std::vector<double>& rest) { return MedianOf(rest) / base; })) {
          influence.push_back(u);
        }
        ExpectSame(UnpairedBootstrapInterval(baseline, current, {.level = level, .seed = 5, .resamples = resamples}),
                   Bca(now / base, resampled, influence, level));
      }
    }
  }
}

TEST(BootstrapTest, TheSameSeedGivesTheSameBits) {
  const std::vector<double> ratios = Values(20, 1);
  const RatioInterval first = PairedBootstrapInterval(ratios, {}), second = PairedBootstrapInterval(ratios, {});
  EXPECT_EQ(first.lower, second.lower);
  EXPECT_EQ(first.upper, second.upper);
  const RatioInterval a = UnpairedBootstrapInterval(Values(12, 1), Values(15, 2), {});
  const RatioInterval b = UnpairedBootstrapInterval(Values(12, 1), Values(15, 2), {});
  EXPECT_EQ(a.lower, b.lower);
  EXPECT_EQ(a.upper, b.upper);
}

TEST(BootstrapTest, OrderOfTheRunsDoesNotMatter) {
  std::vector<double> ratios = Values(20, 1);
  const RatioInterval before = PairedBootstrapInterval(ratios, {});
  std::reverse(ratios.begin(), ratios.end());
  const RatioInterval after = PairedBootstrapInterval(ratios, {});
  EXPECT_EQ(before.lower, after.lower);
  EXPECT_EQ(before.upper, after.upper);
}

TEST(BootstrapTest, TheUnitOfSpeedDoesNotMatter) {
  const std::vector<double> baseline = Values(12, 1), current = Values(12, 2);
  std::vector<double> baseline_4 = baseline, current_4 = current;
  for (double& value : baseline_4) value *= 4;  // exact
  for (double& value : current_4) value *= 4;
  const RatioInterval one = UnpairedBootstrapInterval(baseline, current, {});
  const RatioInterval four = UnpairedBootstrapInterval(baseline_4, current_4, {});
  EXPECT_EQ(one.lower, four.lower);
  EXPECT_EQ(one.upper, four.upper);
  EXPECT_EQ(one.estimate, four.estimate);
}

TEST(BootstrapTest, TheEstimateIsTheRatioOfMedians) {
  EXPECT_DOUBLE_EQ(PairedBootstrapInterval(std::vector<double>{3, 1, 2, 10}, {}).estimate, 2.5);
  EXPECT_DOUBLE_EQ(
      UnpairedBootstrapInterval(std::vector<double>{1, 2, 3}, std::vector<double>{10, 30, 20}, {}).estimate, 10);
}

TEST(BootstrapTest, BoundsEncloseTheEstimateAndStayWithinTheData) {
  for (uint64_t stream = 0; stream < 20; ++stream) {
    const std::vector<double> ratios = Values(10 + stream % 7, stream);
    const RatioInterval interval = PairedBootstrapInterval(ratios, {});
    EXPECT_LE(interval.lower, interval.estimate);
    EXPECT_GE(interval.upper, interval.estimate);
    EXPECT_GE(interval.lower, *std::min_element(ratios.begin(), ratios.end()));
    EXPECT_LE(interval.upper, *std::max_element(ratios.begin(), ratios.end()));
  }
}

TEST(BootstrapTest, TooFewResamplesHaveNoBounds) {
  const RatioInterval interval = PairedBootstrapInterval(Values(15, 1), {.level = 0.0125, .resamples = 10});
  EXPECT_EQ(interval.lower, 0);
  EXPECT_TRUE(std::isinf(interval.upper));
}

TEST(BootstrapTest, EqualRunsGiveAPoint) {
  const RatioInterval interval = PairedBootstrapInterval(std::vector<double>(10, 1.0), {});
  EXPECT_EQ(interval.lower, 1);
  EXPECT_EQ(interval.upper, 1);
}

}  // namespace
}  // namespace bitnet::verify
