#include "verify/compare/comparison.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/testing_runs.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;

ComparisonReport Compare(const TestSides& sides, const ComparePolicy& policy = {}) {
  return CompareRuns(sides.baseline, sides.current, policy.margin, policy);
}

// The same runs, one side an hour after the other.
TestSides Apart(TestSides sides) {
  for (MeasuredRun& run : sides.current) *run.timestamp += absl::Hours(1);
  return sides;
}

const MetricReport& Of(const ComparisonReport& report, Metric metric) {
  return report.metrics.at(static_cast<size_t>(metric));
}

TEST(ComparisonTest, EqualSidesPassInEveryMetric) {
  for (const TestSides& sides : {TestPairs(10), Apart(TestPairs(10))}) {
    const ComparisonReport report = Compare(sides);
    EXPECT_EQ(report.verdict, GateVerdict::kPass);
    EXPECT_TRUE(report.refusals.empty());
    ASSERT_EQ(report.metrics.size(), 4u);
    for (const MetricReport& metric : report.metrics) {
      EXPECT_EQ(metric.verdict, GateVerdict::kPass) << MetricName(metric.metric);
      EXPECT_EQ(metric.notice, Notice::kNone);
      EXPECT_FALSE(metric.improvement);
    }
    EXPECT_EQ(report.next_look, 0u);
  }
}

TEST(ComparisonTest, RunsThatAlternatedArePairsAndOthersAreNot) {
  EXPECT_TRUE(Compare(TestPairs(10)).paired);
  EXPECT_FALSE(Compare(Apart(TestPairs(10))).paired);
}

// Drift common to both runs of a pair cancels in pairs, and drowns everything else between samples.
TEST(ComparisonTest, PairsCancelDrift) {
  TestSides sides = TestPairs(20);
  for (int i = 0; i < 20; ++i) {
    for (MeasuredRun* run : {&sides.baseline[i], &sides.current[i]}) run->decode_ns = *run->decode_ns * (100 + i) / 100;
  }
  EXPECT_EQ(Of(Compare(sides), Metric::kDecode).verdict, GateVerdict::kPass);
  EXPECT_EQ(Of(Compare(Apart(sides)), Metric::kDecode).verdict, GateVerdict::kInconclusive);
}

TEST(ComparisonTest, ASlowSideFailsAndIsNamedARegression) {
  for (const TestSides& sides : {TestPairs(10, 0.90), Apart(TestPairs(10, 0.90))}) {
    const ComparisonReport report = Compare(sides);
    EXPECT_EQ(report.verdict, GateVerdict::kFail);
    EXPECT_EQ(Of(report, Metric::kDecode).verdict, GateVerdict::kFail);
    EXPECT_EQ(Of(report, Metric::kDecode).notice, Notice::kRegression);
    EXPECT_EQ(Of(report, Metric::kPeakRss).verdict, GateVerdict::kPass);
  }
}

TEST(ComparisonTest, AFastSideIsAnImprovementAndFarAboveCallsForAttention) {
  ComparisonReport report = Compare(TestPairs(10, 1.05));
  EXPECT_EQ(report.verdict, GateVerdict::kPass);
  EXPECT_TRUE(Of(report, Metric::kDecode).improvement);
  EXPECT_EQ(Of(report, Metric::kDecode).notice, Notice::kNone);
  report = Compare(TestPairs(10, 1.2));
  EXPECT_EQ(report.verdict, GateVerdict::kPass);
  EXPECT_EQ(Of(report, Metric::kDecode).notice, Notice::kAttention);
}

TEST(ComparisonTest, NoticesBeginAt95And110Percent) {
  const auto notice = [](double ratio) { return Of(Compare(TestPairs(10, ratio, 0)), Metric::kDecode).notice; };
  EXPECT_EQ(notice(0.9499), Notice::kRegression);
  EXPECT_EQ(notice(0.9501), Notice::kNone);
  EXPECT_EQ(notice(1.0999), Notice::kNone);
  EXPECT_EQ(notice(1.1001), Notice::kAttention);
}

// One run in ten that is slower or faster by far: its side's lower bound by ranks falls, that of the median's does not.
TEST(ComparisonTest, AnImprovementNeedsBothIntervals) {
  TestSides sides = TestPairs(10, 1.02, 0.001);
  EXPECT_TRUE(Of(Compare(sides), Metric::kDecode).improvement);
  sides.current[4].decode_ns = *sides.current[4].decode_ns * 3 / 2;
  const ComparisonReport report = Compare(sides);
  const Look& look = Of(report, Metric::kDecode).looks.back();
  EXPECT_LT(look.rank.lower, 1);
  EXPECT_GT(look.bootstrap.lower, 1);
  EXPECT_FALSE(Of(report, Metric::kDecode).improvement);
  EXPECT_EQ(Of(report, Metric::kDecode).reason, "the two intervals disagree: INCONCLUSIVE by ranks, PASS by bootstrap");
}

TEST(ComparisonTest, ReasonsSayWhatWasFound) {
  EXPECT_EQ(Of(Compare(TestPairs(10)), Metric::kDecode).reason, "a slowdown of 3 % is ruled out");
  EXPECT_EQ(Of(Compare(TestPairs(10, 0.9)), Metric::kDecode).reason, "slower by more than 3 %");
  EXPECT_EQ(Of(Compare(TestPairs(10, 0.97, 0.02)), Metric::kDecode).reason, "the interval holds a slowdown of 3 %");
  EXPECT_EQ(Of(Compare(TestPairs(10)), Metric::kPeakRss).reason, "at most 3 % above the baseline's");
  TestSides sides = TestPairs(10);
  sides.current[7].peak_rss_bytes = 2'000'000'000;
  EXPECT_EQ(Of(Compare(sides), Metric::kPeakRss).reason, "more than 3 % above the baseline's");
}

TEST(ComparisonTest, SpeedsAreTokensATime) {
  TestSides sides = TestPairs(10, 1, 0);
  for (MeasuredRun& run : sides.current) {
    run.prefill_ns = *run.prefill_ns * 2;
    run.decode_ns = *run.decode_ns * 4;
  }
  const ComparisonReport report = Compare(sides);
  EXPECT_DOUBLE_EQ(Of(report, Metric::kDecode).looks[0].rank.estimate, 0.25);
  EXPECT_DOUBLE_EQ(Of(report, Metric::kPrefill).looks[0].rank.estimate, 0.5);
  EXPECT_DOUBLE_EQ(Of(report, Metric::kTtft).looks[0].rank.estimate, 0.5);
}

TEST(ComparisonTest, NoiseIsRefusedFromTheMarginOn) {
  // Half-widths of these are known from the report itself: refused exactly when the projected one is above the margin.
  int refused = 0, undecided = 0;
  for (int i = 1; i <= 40; ++i) {
    const TestSides sides = TestPairs(10, 0.97, 0.01 * i);
    ComparePolicy policy;
    policy.margin = 0.03;
    const ComparisonReport report = Compare(sides, policy);
    if (report.verdict == GateVerdict::kRefused) {
      ++refused;
      EXPECT_THAT(report.refusals[0].detail, HasSubstr(" % after 40 runs on a side; the margin is 3 %"));
    } else {
      ++undecided;
    }
    bool noisy = false;
    for (const MetricReport& metric : report.metrics) {
      if (metric.looks.empty() || metric.verdict != GateVerdict::kInconclusive) continue;
      noisy |= ProjectedHalfWidth(metric.looks.back(), policy) > policy.margin;
    }
    EXPECT_EQ(noisy, report.verdict == GateVerdict::kRefused) << i;
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(undecided, 0);
}

TEST(ComparisonTest, ASlowdownWithinTheMarginIsNoImprovementAndNoRegression) {
  const ComparisonReport report = Compare(TestPairs(10, 0.99));
  EXPECT_EQ(report.verdict, GateVerdict::kPass);
  EXPECT_FALSE(Of(report, Metric::kDecode).improvement);
  EXPECT_EQ(Of(report, Metric::kDecode).notice, Notice::kNone);
}

TEST(ComparisonTest, EachMetricFailsAlone) {
  TestSides sides = TestPairs(10);
  for (MeasuredRun& run : sides.current) run.decode_ns = *run.decode_ns * 11 / 10;
  ComparisonReport report = Compare(sides);
  EXPECT_EQ(report.verdict, GateVerdict::kFail);
  EXPECT_EQ(Of(report, Metric::kDecode).verdict, GateVerdict::kFail);
  EXPECT_EQ(Of(report, Metric::kPrefill).verdict, GateVerdict::kPass);
  EXPECT_EQ(Of(report, Metric::kTtft).verdict, GateVerdict::kPass);

  sides = TestPairs(10);
  for (MeasuredRun& run : sides.current) run.prefill_ns = *run.prefill_ns * 11 / 10;
  report = Compare(sides);
  EXPECT_EQ(report.verdict, GateVerdict::kFail);
  EXPECT_EQ(Of(report, Metric::kDecode).verdict, GateVerdict::kPass);
  EXPECT_EQ(Of(report, Metric::kPrefill).verdict, GateVerdict::kFail);
  EXPECT_EQ(Of(report, Metric::kTtft).verdict, GateVerdict::kFail);
}

TEST(ComparisonTest, PeakMemoryIsTheLargestOfAllRunsAndHasALimitOfItsOwn) {
  TestSides sides = TestPairs(10);
  sides.current[7].peak_rss_bytes = 1'339'000'000;  // exactly 3 % above
  EXPECT_EQ(Compare(sides).verdict, GateVerdict::kPass);
  sides.current[7].peak_rss_bytes = 1'339'000'001;
  const ComparisonReport report = Compare(sides);
  EXPECT_EQ(report.verdict, GateVerdict::kFail);
  EXPECT_EQ(Of(report, Metric::kPeakRss).current_bytes, 1'339'000'001u);
  EXPECT_EQ(Of(report, Metric::kPeakRss).baseline_bytes, 1'300'000'000u);
  EXPECT_EQ(Of(report, Metric::kDecode).verdict, GateVerdict::kPass);
}

TEST(ComparisonTest, WhatIsUndecidedNamesTheNextLook) {
  ComparisonReport report = Compare(TestPairs(10, 0.97, 0.02));
  EXPECT_EQ(report.verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(report.next_look, 20u);
  EXPECT_EQ(Compare(TestPairs(25, 0.97, 0.02)).next_look, 30u);
  report = Compare(TestPairs(40, 0.97, 0.02));
  EXPECT_EQ(report.verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(report.next_look, 0u);
  report = Compare(Apart(TestPairs(10, 0.97, 0.02)));
  EXPECT_EQ(report.verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(report.next_look, 0u) << "more runs of one side would not be the same comparison";
}

TEST(ComparisonTest, TooFewPairsForALookAreInconclusive) {
  const ComparisonReport report = Compare(TestPairs(9));
  EXPECT_EQ(report.verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(report.next_look, 10u);
  EXPECT_THAT(Of(report, Metric::kDecode).reason, HasSubstr("fewer runs than the 10"));
}

TEST(ComparisonTest, AMachineThatIsTooNoisyIsRefused) {
  const ComparisonReport report = Compare(TestPairs(10, 1, 0.5));
  EXPECT_EQ(report.verdict, GateVerdict::kRefused);
  ASSERT_EQ(report.refusals.size(), 1u);
  EXPECT_EQ(RefusalId(report.refusals[0].reason), "L5-ARMED");
  EXPECT_THAT(report.refusals[0].detail, HasSubstr("decode_tokens_per_second"));
  EXPECT_EQ(report.next_look, 0u);
}

// Noise hides small differences, not large ones.
TEST(ComparisonTest, ANoisyMachineStillFailsWhatIsFarTooSlow) {
  EXPECT_EQ(Compare(TestPairs(40, 0.5, 0.3)).verdict, GateVerdict::kFail);
}

TEST(ComparisonTest, RefusalsComeFirstAndNothingIsComputed) {
  TestSides sides = TestPairs(10, 0.5);
  sides.current[3].audit = Verdict::kReject;
  const ComparisonReport report =
      CompareRuns(sides.baseline, sides.current, 0.03, {}, {{RefusalReason::kBase, "expired"}});
  EXPECT_EQ(report.verdict, GateVerdict::kRefused);
  EXPECT_TRUE(report.metrics.empty());
  ASSERT_EQ(report.refusals.size(), 2u);
  EXPECT_EQ(report.refusals[0].reason, RefusalReason::kBase);
  EXPECT_EQ(report.refusals[1].reason, RefusalReason::kAudit);
}

TEST(ComparisonTest, TheMarginIsTheCallers) {
  const TestSides sides = TestPairs(10, 0.96);
  EXPECT_EQ(CompareRuns(sides.baseline, sides.current, 0.03, {}).verdict, GateVerdict::kFail);
  EXPECT_EQ(CompareRuns(sides.baseline, sides.current, 0.05, {}).verdict, GateVerdict::kPass);
}

TEST(ComparisonTest, OrderOfTheFilesDoesNotMatter) {
  TestSides sides = TestPairs(20, 0.97, 0.02);
  const ComparisonReport before = Compare(sides);
  std::swap(sides.baseline[2], sides.baseline[17]);
  std::swap(sides.current[0], sides.current[9]);
  const ComparisonReport after = Compare(sides);
  EXPECT_EQ(before.verdict, after.verdict);
  EXPECT_EQ(Of(before, Metric::kDecode).looks.back().rank.lower, Of(after, Metric::kDecode).looks.back().rank.lower);
}

}  // namespace
}  // namespace bitnet::verify
