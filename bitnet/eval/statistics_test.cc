// Every statistic on cases that can be done by hand.

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/base/philox.h"
#include "bitnet/eval/block_interval.h"
#include "bitnet/eval/log_likelihood.h"
#include "bitnet/eval/record_comparison.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;
using Row = std::vector<double>;

TEST(LogLikelihood, ByHand) {
  // Softmax of (log 1, log 2, log 5) is (1, 2, 5) / 8.
  const std::vector<float> logits = {0.0f, std::log(2.0f), std::log(5.0f)};
  EXPECT_NEAR(NegativeLogLikelihood(logits, 0), std::log(8.0), 1e-7);
  EXPECT_NEAR(NegativeLogLikelihood(logits, 1), std::log(4.0), 1e-7);
  EXPECT_NEAR(NegativeLogLikelihood(logits, 2), std::log(1.6), 1e-7);
  // A constant more changes nothing, however large; binary32 itself would overflow here.
  const std::vector<float> high = {1000.0f, 1000.0f};
  EXPECT_DOUBLE_EQ(NegativeLogLikelihood(high, 1), std::log(2.0));
  EXPECT_DOUBLE_EQ(LogSoftmax(std::span<const double>(Row{-1000, -1000}))(-1000), -std::log(2.0));
  // A token without a chance has the whole distance.
  EXPECT_DOUBLE_EQ(NegativeLogLikelihood(std::vector<float>{0.0f, -900.0f}, 1), 900);
  // A token that is certain costs next to nothing, but never less.
  EXPECT_GE(NegativeLogLikelihood(std::vector<float>{900.0f, 0.0f}, 0), 0);
}

TEST(KlDivergence, ByHand) {
  const Row quarters = {std::log(1.0), std::log(3.0)}, halves = {5, 5};
  EXPECT_EQ(KlDivergence(quarters, quarters), 0);
  EXPECT_EQ(KlDivergence(halves, Row{-7, -7}), 0) << "a constant is no difference";
  // p = (1/4, 3/4), q = (1/2, 1/2): 1/4 log 1/2 + 3/4 log 3/2.
  EXPECT_NEAR(KlDivergence(quarters, halves), 0.25 * std::log(0.5) + 0.75 * std::log(1.5), 1e-15);
  EXPECT_NEAR(KlDivergence(halves, quarters), 0.5 * std::log(2.0) + 0.5 * std::log(2.0 / 3), 1e-15);
  // Never below 0, whatever rounding does.
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Row row, near;
    for (uint64_t i = 0; i < 50; ++i) {
      row.push_back(static_cast<double>(PhiloxAt(seed, 0, i)[0] % 1000) / 37);
      near.push_back(row.back() * (1 + 1e-16));
    }
    EXPECT_GE(KlDivergence(row, near), 0);
  }
}

TEST(StudentT, EveryQuantileHoldsNinetyFivePercent) {
  for (size_t freedom = 1; freedom < kMaxBlocks; ++freedom) {
    // The density integrated from -t to t by Simpson's rule.
    const double n = static_cast<double>(freedom), t = StudentT95(freedom);
    const double scale = std::exp(std::lgamma((n + 1) / 2) - std::lgamma(n / 2)) / std::sqrt(n * M_PI);
    const auto density = [&](double x) { return scale * std::pow(1 + x * x / n, -(n + 1) / 2); };
    constexpr int kSteps = 20000;
    const double step = 2 * t / kSteps;
    double sum = density(-t) + density(t);
    for (int i = 1; i < kSteps; ++i) sum += (i % 2 == 1 ? 4 : 2) * density(-t + i * step);
    EXPECT_NEAR(sum * step / 3, 0.95, 2e-5) << freedom;
  }
}

TEST(ConfidenceInterval, ByHand) {
  EXPECT_FALSE(ConfidenceInterval(Row(2 * kMinBlockTokens - 1, 1.0)).has_value()) << "one block has no spread";
  // Two blocks of means 1 and 3: s = sqrt(2), half width t(1) * sqrt(2) / sqrt(2).
  Row two(kMinBlockTokens, 1.0);
  two.resize(2 * kMinBlockTokens, 3.0);
  const auto interval = ConfidenceInterval(two);
  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->blocks, 2u);
  EXPECT_NEAR(interval->low, 2 - 12.7062, 1e-12);
  EXPECT_NEAR(interval->high, 2 + 12.7062, 1e-12);
  const auto constant = ConfidenceInterval(Row(5000, 0.25));
  EXPECT_EQ(constant->blocks, kMaxBlocks);
  EXPECT_EQ(constant->low, 0.25);
  EXPECT_EQ(constant->high, 0.25);
}

// Over many series of independent values the interval holds the true mean about 95 times in 100; with 400 series the
// binomial's own spread is 1.1 %.
TEST(ConfidenceInterval, CoversTheMeanAsOftenAsItSays) {
  int covered = 0;
  constexpr int kSeries = 400;
  for (uint64_t series = 0; series < kSeries; ++series) {
    Row values;
    for (uint64_t i = 0; i < 512; ++i) {
      values.push_back(static_cast<double>(PhiloxAt(77, series, i)[0]) / 4294967296.0);
    }
    const auto interval = ConfidenceInterval(values);
    covered += interval->low <= 0.5 && 0.5 <= interval->high;
  }
  EXPECT_NEAR(static_cast<double>(covered) / kSeries, 0.95, 4 * 0.011);
}

RecordComparison Compared(const RecordId& id, const std::vector<Row>& reference, const std::vector<Row>& candidate) {
  RecordComparison comparison(id);
  for (size_t i = 0; i < reference.size(); ++i) {
    const absl::Status status = comparison.Add(static_cast<int64_t>(i) + 10, reference[i], candidate[i]);
    EXPECT_TRUE(status.ok()) << status;
  }
  return comparison;
}

TEST(RecordComparison, EqualRowsAreEqual) {
  const std::vector<Row> rows = {{1, -2, 3}, {0, 0, 0}};
  for (const char* op : {"q", "logits"}) {
    const RecordComparison same = Compared({{}, op}, rows, rows);
    EXPECT_EQ(same.max_abs(), 0);
    EXPECT_EQ(same.relative(), 0);
    EXPECT_EQ(same.worst_relative(), 0);
    EXPECT_NEAR(same.min_cosine(), 1, 1e-15);
    EXPECT_EQ(same.mean_kl(), 0);
    EXPECT_FALSE(same.FirstDivergence({.max_relative = 0, .min_cosine = 0.999}).has_value());
  }
  EXPECT_EQ(Compared({{}, "logits"}, rows, rows).top1_equal(), 2u);
}

TEST(RecordComparison, ByHand) {
  // (3, 4) against (3, 5): difference 1, length 5, cosine 29 / (5 sqrt 34). (0, 2) against (2, 0): at right angles.
  const RecordComparison q = Compared({0, "q"}, {{3, 4}, {0, 2}}, {{3, 5}, {2, 0}});
  EXPECT_DOUBLE_EQ(q.rows()[0].max_abs, 1);
  EXPECT_DOUBLE_EQ(q.rows()[0].relative, 0.2);
  EXPECT_DOUBLE_EQ(q.rows()[0].cosine, 29 / (5 * std::sqrt(34.0)));
  EXPECT_DOUBLE_EQ(q.rows()[1].relative, std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(q.rows()[1].cosine, 0);
  EXPECT_DOUBLE_EQ(q.max_abs(), 2);
  EXPECT_DOUBLE_EQ(q.relative(), std::sqrt(9.0 / 29));
  EXPECT_DOUBLE_EQ(q.worst_relative(), std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(q.min_cosine(), 0);
  EXPECT_EQ(q.rows()[1].position, 11);
  // Each bound alone finds its row.
  EXPECT_EQ(q.FirstDivergence({.max_relative = 0.19, .min_cosine = -1}), 0u);
  EXPECT_EQ(q.FirstDivergence({.max_relative = 0.21, .min_cosine = -1}), 1u);
  EXPECT_EQ(q.FirstDivergence({.max_relative = 9, .min_cosine = 0.5}), 1u);
  EXPECT_EQ(q.FirstDivergence({.max_relative = 9, .min_cosine = -1}), std::nullopt);
}

TEST(RecordComparison, LogitsAreMeantUpToAConstant) {
  const std::vector<Row> reference = {{1, 2, 6}}, shifted = {{101, 102, 106}};
  const RecordComparison logits = Compared({{}, "logits"}, reference, shifted);
  EXPECT_NEAR(logits.relative(), 0, 1e-14);
  EXPECT_NEAR(logits.min_cosine(), 1, 1e-14);
  EXPECT_DOUBLE_EQ(logits.max_abs(), 100) << "but what was computed is told";
  EXPECT_EQ(logits.top1_equal(), 1u);
  EXPECT_GT(Compared({{}, "output_norm"}, reference, shifted).relative(), 1) << "only logits are";
  // Of equal logits the first is the choice.
  EXPECT_EQ(Compared({{}, "logits"}, {{5, 5, 1}}, {{4, 5, 1}}).top1_equal(), 0u);
  EXPECT_EQ(Compared({{}, "logits"}, {{5, 5, 1}}, {{5, 4, 1}}).top1_equal(), 1u);
}

TEST(RecordComparison, ZerosAndHugeValues) {
  const RecordComparison zero = Compared({0, "q"}, {{0, 0}}, {{0, 1}});
  EXPECT_EQ(zero.relative(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(zero.min_cosine(), 0);
  EXPECT_TRUE(zero.FirstDivergence({.max_relative = 1e300, .min_cosine = -1}).has_value());
  const RecordComparison huge = Compared({0, "q"}, {{3e38, 3e38}}, {{3e38, 3e38}});
  EXPECT_NEAR(huge.min_cosine(), 1, 1e-15);
}

// Squares of these leave binary64 on either side; opposite values are as far apart as opposite ones of any size.
TEST(RecordComparison, FiguresDoNotDependOnTheSizeOfTheValues) {
  for (const char* op : {"q", "logits"}) {
    const RecordComparison one = Compared({{}, op}, {{1, -2, 4}, {1, 0, 3}}, {{-1, 2, -4}, {1, 0, 3.5}});
    for (const double size : {0x1p600, 0x1p1020, 0x1p-600, 0x1p-1040}) {
      const auto row = [&](double a, double b, double c) { return Row{a * size, b * size, c * size}; };
      const RecordComparison scaled =
          Compared({{}, op}, {row(1, -2, 4), row(1, 0, 3)}, {row(-1, 2, -4), row(1, 0, 3.5)});
      for (size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(scaled.rows()[i].relative, one.rows()[i].relative) << op << size;
        EXPECT_EQ(scaled.rows()[i].cosine, one.rows()[i].cosine) << op << size;
        EXPECT_FALSE(std::isnan(scaled.rows()[i].kl)) << op << size;
      }
      EXPECT_EQ(scaled.relative(), one.relative()) << op << size;
      EXPECT_EQ(scaled.FirstDivergence({}), 0u) << op << size;
    }
  }
  for (const double size : {1e200, 1e-200, 1e308, 5e-324}) {
    const RecordComparison opposite = Compared({0, "q"}, {{size, size}}, {{-size, -size}});
    EXPECT_DOUBLE_EQ(opposite.relative(), 2) << size;
    EXPECT_DOUBLE_EQ(opposite.min_cosine(), -1) << size;
    EXPECT_EQ(opposite.FirstDivergence({}), 0u) << size;
    const RecordComparison same = Compared({0, "q"}, {{size, size}}, {{size, size}});
    EXPECT_EQ(same.FirstDivergence({.max_relative = 0, .min_cosine = 0.999}), std::nullopt) << size;
  }
  // Rows of very different sizes in one record, and in one row.
  const RecordComparison mixed = Compared({0, "q"}, {{1e200, 0}, {1e-200, 0}}, {{1e200, 0}, {2e-200, 0}});
  EXPECT_DOUBLE_EQ(mixed.worst_relative(), 1);
  EXPECT_EQ(mixed.FirstDivergence({}), 1u);
  const RecordComparison tiny = Compared({0, "q"}, {{1e-200, 0}}, {{1e200, 0}});
  EXPECT_EQ(tiny.relative(), std::numeric_limits<double>::infinity());
  EXPECT_DOUBLE_EQ(tiny.min_cosine(), 1);
  EXPECT_EQ(tiny.FirstDivergence({.max_relative = 1e300, .min_cosine = -1}), 0u);
}

TEST(KlDivergence, IsInfiniteAndNotANumberLessWhenLogitsAreFarApart) {
  EXPECT_EQ(KlDivergence(Row{1e308, -1e308}, Row{-1e308, 1e308}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(KlDivergence(Row{1e308, -1e308}, Row{1e308, -1e308}), 0);
  EXPECT_EQ(KlDivergence(Row{1e200, -1e200}, Row{1e200, -1e200}), 0);
  EXPECT_EQ(KlDivergence(Row{1e200, -1e200}, Row{-1e200, 1e200}), 2e200);
}

TEST(RecordComparison, WhatIsNoNumberIsRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  RecordComparison comparison({3, "attention"});
  EXPECT_THAT(comparison.Add(7, Row{1, nan}, Row{1, 2}).message(),
              HasSubstr("reference, layer.3.attention, position 7, column 1: expected a finite number, got nan"));
  EXPECT_THAT(comparison.Add(7, Row{1, 2}, Row{-inf, 2}).message(), HasSubstr("candidate, layer.3.attention"));
  EXPECT_TRUE(comparison.rows().empty());
}

}  // namespace
}  // namespace bitnet
