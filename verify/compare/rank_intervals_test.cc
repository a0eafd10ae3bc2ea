#include "verify/compare/rank_intervals.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
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

// P(W+ <= the observed one) if the true ratio were `ratio`, by ranking logarithms and enumerating all signs.
double SignedRankTail(const std::vector<double>& ratios, double ratio, bool positive) {
  std::vector<double> logs;
  for (const double r : ratios) logs.push_back(std::log(r / ratio));
  std::sort(logs.begin(), logs.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  unsigned observed = 0;
  for (unsigned i = 0; i < logs.size(); ++i) observed += (logs[i] > 0) == positive ? i + 1 : 0;
  unsigned at_most = 0;
  const uint32_t all = 1u << logs.size();
  for (uint32_t signs = 0; signs < all; ++signs) {
    unsigned sum = 0;
    for (unsigned i = 0; i < logs.size(); ++i) sum += (signs >> i & 1) != 0 ? i + 1 : 0;
    at_most += sum <= observed;
  }
  return static_cast<double>(at_most) / all;
}

// P(U <= the observed number of pairs in which current beats ratio x baseline), by enumerating all arrangements.
double RankSumTail(const std::vector<double>& baseline, const std::vector<double>& current, double ratio,
                   bool greater) {
  unsigned observed = 0;
  for (const double base : baseline) {
    for (const double now : current) observed += (now > base * ratio) == greater;
  }
  const unsigned m = baseline.size(), n = current.size();
  unsigned at_most = 0, all = 0;
  for (uint32_t word = 0; word < 1u << (m + n); ++word) {
    if (std::popcount(word) != static_cast<int>(m)) continue;
    unsigned u = 0, clear = 0;
    for (unsigned i = 0; i < m + n; ++i) {
      if ((word >> i & 1) == 0) {
        ++clear;
      } else {
        u += clear;
      }
    }
    at_most += u <= observed;
    ++all;
  }
  return static_cast<double>(at_most) / all;
}

// An interval of a test is the set of ratios that the test does not reject: just outside each bound it rejects, just
// inside it does not.
TEST(RankIntervalsTest, SignedRankBoundsInvertTheEnumeratedTest) {
  for (const size_t n : {7, 9, 12}) {
    for (const double level : {0.0125, 0.05}) {
      const std::vector<double> ratios = Values(n, n);
      const RatioInterval interval = SignedRankInterval(ratios, level);
      EXPECT_LE(SignedRankTail(ratios, interval.lower * (1 - 1e-9), false), level) << n;
      EXPECT_GT(SignedRankTail(ratios, interval.lower * (1 + 1e-9), false), level) << n;
      EXPECT_LE(SignedRankTail(ratios, interval.upper * (1 + 1e-9), true), level) << n;
      EXPECT_GT(SignedRankTail(ratios, interval.upper * (1 - 1e-9), true), level) << n;
    }
  }
}

TEST(RankIntervalsTest, RankSumBoundsInvertTheEnumeratedTest) {
  for (const auto& [m, n] : {std::pair{5, 5}, std::pair{6, 9}, std::pair{8, 4}}) {
    for (const double level : {0.0125, 0.05}) {
      const std::vector<double> baseline = Values(m, 100 + m), current = Values(n, 200 + n);
      const RatioInterval interval = RankSumInterval(baseline, current, level);
      EXPECT_LE(RankSumTail(baseline, current, interval.lower * (1 - 1e-9), false), level) << m << " " << n;
      EXPECT_GT(RankSumTail(baseline, current, interval.lower * (1 + 1e-9), false), level) << m << " " << n;
      EXPECT_LE(RankSumTail(baseline, current, interval.upper * (1 + 1e-9), true), level) << m << " " << n;
      EXPECT_GT(RankSumTail(baseline, current, interval.upper * (1 - 1e-9), true), level) << m << " " << n;
    }
  }
}

TEST(RankIntervalsTest, EstimatesAreHodgesAndLehmanns) {
  // Walsh averages of {1, 2, 4} in the geometric sense: 1, sqrt 2, 2, 2, sqrt 8, 4.
  EXPECT_DOUBLE_EQ(SignedRankInterval(std::vector<double>{4, 1, 2}, 0.05).estimate, 2.0);
  // Of {1, 2}: 1, sqrt 2, 2.
  EXPECT_DOUBLE_EQ(SignedRankInterval(std::vector<double>{2, 1}, 0.05).estimate, std::sqrt(2.0));
  // Quotients of {1, 2} and {3, 8}: 1.5, 3, 4, 8; the middle of 3 and 4.
  EXPECT_DOUBLE_EQ(RankSumInterval(std::vector<double>{2, 1}, std::vector<double>{8, 3}, 0.05).estimate,
                   std::sqrt(12.0));
}

TEST(RankIntervalsTest, TooFewRunsHaveNoBounds) {
  const RatioInterval pairs = SignedRankInterval(Values(6, 1), 0.0125);
  EXPECT_EQ(pairs.lower, 0);
  EXPECT_TRUE(std::isinf(pairs.upper));
  const RatioInterval sums = RankSumInterval(Values(3, 1), Values(3, 2), 0.0125);
  EXPECT_EQ(sums.lower, 0);
  EXPECT_TRUE(std::isinf(sums.upper));
}

TEST(RankIntervalsTest, SwappingTheSidesInvertsTheInterval) {
  const std::vector<double> baseline = Values(12, 5), current = Values(12, 6);
  std::vector<double> forward, backward;
  for (size_t i = 0; i < baseline.size(); ++i) {
    forward.push_back(current[i] / baseline[i]);
    backward.push_back(baseline[i] / current[i]);
  }
  const RatioInterval a = SignedRankInterval(forward, 0.0125), b = SignedRankInterval(backward, 0.0125);
  EXPECT_NEAR(a.lower * b.upper, 1, 1e-12);
  EXPECT_NEAR(a.upper * b.lower, 1, 1e-12);
  EXPECT_NEAR(a.estimate * b.estimate, 1, 1e-12);
  const RatioInterval c = RankSumInterval(baseline, current, 0.0125), d = RankSumInterval(current, baseline, 0.0125);
  EXPECT_NEAR(c.lower * d.upper, 1, 1e-12);
  EXPECT_NEAR(c.estimate * d.estimate, 1, 1e-12);
}

TEST(RankIntervalsTest, OrderOfTheRunsDoesNotMatter) {
  std::vector<double> ratios = Values(11, 3);
  const RatioInterval before = SignedRankInterval(ratios, 0.0125);
  std::reverse(ratios.begin(), ratios.end());
  const RatioInterval after = SignedRankInterval(ratios, 0.0125);
  EXPECT_EQ(before.lower, after.lower);
  EXPECT_EQ(before.upper, after.upper);
  EXPECT_EQ(before.estimate, after.estimate);
}

TEST(RankIntervalsTest, EqualRunsGiveAPoint) {
  const RatioInterval interval = SignedRankInterval(std::vector<double>(10, 1.0), 0.0125);
  EXPECT_EQ(interval.lower, 1);
  EXPECT_EQ(interval.estimate, 1);
  EXPECT_EQ(interval.upper, 1);
}

}  // namespace
}  // namespace bitnet::verify
