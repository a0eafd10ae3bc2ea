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
