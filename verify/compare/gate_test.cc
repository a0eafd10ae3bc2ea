#include "verify/compare/gate.h"

#include <string>

#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/comparison_report.h"
#include "verify/compare/testing_runs.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;
using testing::Not;

GateInput Input(const TestSides& sides) {
  GateInput input;
  input.baseline = sides.baseline;
  input.current = sides.current;
  return input;
}

// Releases each 2 % slower than the last: within the margin of 3 %, and after three of them not within 5 %.
TEST(GateTest, TheAnchorStopsWhatTheBaselineLetsThrough) {
  GateInput input = Input(TestPairs(10, 0.98));
  EXPECT_EQ(RunGate(input, {}).verdict(), GateVerdict::kPass);
  input.anchor = TestPairs(10).baseline;
  for (MeasuredRun& run : *input.anchor) {
    *run.timestamp -= absl::Hours(24 * 90);
    run.receipt_sha256 += " of the anchor";
  }
  GateReport report = RunGate(input, {});
  EXPECT_EQ(report.anchor->margin, 0.05);
  EXPECT_EQ(report.verdict(), GateVerdict::kPass) << "2 % below the anchor is within 5 %";
  for (MeasuredRun& run : *input.anchor) run.decode_ns = *run.decode_ns * 95 / 100;
  report = RunGate(input, {});
  EXPECT_EQ(report.baseline.verdict, GateVerdict::kPass);
  EXPECT_EQ(report.anchor->verdict, GateVerdict::kFail);
  EXPECT_EQ(report.verdict(), GateVerdict::kFail);
  EXPECT_THAT(TextGate(report, {}, false), HasSubstr("Both: FAIL"));
}

TEST(GateTest, TheWorseVerdictCounts) {
  GateReport report;
  const GateVerdict order[] = {GateVerdict::kPass, GateVerdict::kInconclusive, GateVerdict::kRefused,
                               GateVerdict::kFail};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      report.baseline.verdict = order[i];
      report.anchor.emplace().verdict = order[j];
      EXPECT_EQ(report.verdict(), order[std::max(i, j)]) << i << " " << j;
    }
  }
}

TEST(GateTest, TextNamesMetricsIntervalsAndVerdict) {
  const std::string text = TextGate(RunGate(Input(TestPairs(10, 0.9)), {}), {}, false);
  EXPECT_THAT(text, HasSubstr("10 runs of the baseline, 10 current, in pairs; margin 3 %"));
  EXPECT_THAT(text, HasSubstr("FAIL         decode_tokens_per_second"));
  EXPECT_THAT(text, HasSubstr("0.90"));
  EXPECT_THAT(text, HasSubstr("slower by more than 3 %; regression"));
  EXPECT_THAT(text, HasSubstr("\nFAIL\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(TextGate(RunGate(Input(TestPairs(10)), {}), {}, true), HasSubstr("\x1b[32mPASS"));
}

TEST(GateTest, TextNamesRefusals) {
  const std::string text = TextGate(RunGate(Input(TestPairs(1)), {}), {}, false);
  EXPECT_THAT(text, HasSubstr("L5-FEW  needs at least 2 runs on either side"));
  EXPECT_THAT(text, HasSubstr("This is not a pass."));
}

TEST(GateTest, JsonHasEveryLookWithBothIntervals) {
  const GateReport report = RunGate(Input(TestPairs(20, 0.97, 0.02)), {});
  const JsonValue json = GateJson(report, {});
  EXPECT_EQ(json.AtPath("/verdict")->string(), "INCONCLUSIVE");
  EXPECT_EQ(json.AtPath("/exit_code")->AsInt64(), 3);
  EXPECT_EQ(json.AtPath("/anchor"), nullptr);
  EXPECT_EQ(json.AtPath("/baseline/paired")->bool_value(), true);
  EXPECT_EQ(json.AtPath("/baseline/metrics")->array().size(), 4u);
  const JsonValue& decode = *json.AtPath("/baseline/metrics/0");
  EXPECT_EQ(decode.AtPath("/metric")->string(), "decode_tokens_per_second");
  ASSERT_EQ(decode.AtPath("/looks")->array().size(), 2u);
  EXPECT_EQ(decode.AtPath("/looks/1/runs")->AsUint64(), 20u);
  const Look& look = report.baseline.metrics[0].looks[1];
  EXPECT_EQ(decode.AtPath("/looks/1/rank/lower")->double_value(), look.rank.lower);
  EXPECT_EQ(decode.AtPath("/looks/1/bootstrap/upper")->double_value(), look.bootstrap.upper);
  EXPECT_EQ(decode.AtPath("/looks/1/rank/says")->string(), "INCONCLUSIVE");
  EXPECT_EQ(json.AtPath("/baseline/policy/margin")->double_value(), 0.03);
}

TEST(GateTest, JsonLeavesOutBoundsThatThereAreNot) {
  ComparePolicy policy;
  policy.looks = {5};
  policy.alpha = 0.01;  // 5 pairs have no bound at that level
  const JsonValue json = GateJson(RunGate(Input(TestPairs(5)), policy), policy);
  EXPECT_EQ(json.AtPath("/baseline/metrics/0/looks/0/rank/lower"), nullptr);
  EXPECT_EQ(json.AtPath("/baseline/metrics/0/looks/0/rank/upper"), nullptr);
  EXPECT_EQ(CanonicalJson(json).find("inf"), std::string::npos);
}

TEST(GateTest, JsonNamesRefusals) {
  const JsonValue json = GateJson(RunGate(Input(TestPairs(1)), {}), {});
  EXPECT_EQ(json.AtPath("/verdict")->string(), "REFUSED");
  EXPECT_EQ(json.AtPath("/baseline/refusals/0/id")->string(), "L5-FEW");
  EXPECT_TRUE(json.AtPath("/baseline/metrics")->array().empty());
}

TEST(GateTest, EveryVerdictHasAMeaningOfItsOwn) {
  const GateVerdict all[] = {GateVerdict::kPass, GateVerdict::kFail, GateVerdict::kInconclusive, GateVerdict::kRefused};
  for (const GateVerdict a : all) {
    EXPECT_FALSE(GateVerdictMeaning(a).empty());
    for (const GateVerdict b : all) EXPECT_EQ(a == b, GateVerdictMeaning(a) == GateVerdictMeaning(b));
  }
}

}  // namespace
}  // namespace bitnet::verify
