#include "verify/compare/gate.h"

#include <limits>
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

// A report with one of everything, written by hand.
ComparisonReport Sample() {
  ComparisonReport report;
  report.verdict = GateVerdict::kInconclusive;
  report.paired = true;
  report.baseline_runs = 10;
  report.current_runs = 11;
  report.margin = 0.03;
  MetricReport decode;
  decode.reason = "why";
  decode.verdict = GateVerdict::kFail;
  decode.notice = Notice::kRegression;
  decode.looks.push_back({10,
                          {0.9, 0.8, 1},
                          {0.91, 0, std::numeric_limits<double>::infinity()},
                          GateVerdict::kFail,
                          GateVerdict::kInconclusive});
  MetricReport prefill;
  prefill.metric = Metric::kPrefill;
  prefill.reason = "too few";
  MetricReport ttft = decode;
  ttft.metric = Metric::kTtft;
  ttft.verdict = GateVerdict::kPass;
  ttft.notice = Notice::kNone;
  ttft.improvement = true;
  MetricReport rss;
  rss.metric = Metric::kPeakRss;
  rss.verdict = GateVerdict::kPass;
  rss.reason = "within";
  rss.baseline_bytes = 200;
  rss.current_bytes = 150;
  report.metrics = {decode, prefill, ttft, rss};
  report.refusals = {{RefusalReason::kBase, "old"}};
  return report;
}

TEST(ComparisonReportTest, TextLineByLine) {
  const ComparePolicy policy;
  const ComparisonReport report = Sample();
  const std::string meaning(GateVerdictMeaning(GateVerdict::kInconclusive));
  const std::string refusal =
      "REFUSED      L5-BASE  needs " + std::string(RefusalNeed(RefusalReason::kBase)) + ". old\n";
  EXPECT_EQ(
      TextComparison(report, policy, false),
      "10 runs of the baseline, 11 current, in pairs; margin 3 %, one-sided level 5 % over looks at 10/20/30/40\n"
      "  FAIL         decode_tokens_per_second  0.9000 [0.8000, 1.0000] x baseline, bootstrap 0.9100 [0.0000, inf], "
      "10 pairs: why; regression\n"
      "  INCONCLUSIVE prefill_tokens_per_second too few\n"
      "  PASS         time_to_first_token       0.9000 [0.8000, 1.0000] x baseline, bootstrap 0.9100 [0.0000, inf], "
      "10 pairs: why; an improvement\n"
      "  PASS         peak_rss                  0.7500 x baseline (150 of 200 bytes): within\n"
      "  " +
          refusal + "INCONCLUSIVE\n" + meaning + "\n");
}

TEST(ComparisonReportTest, ColorsAreGreenRedAndYellow) {
  const std::string text = TextComparison(Sample(), {}, true);
  EXPECT_THAT(text, HasSubstr("\x1b[31mFAIL        \x1b[0m decode"));
  EXPECT_THAT(text, HasSubstr("\x1b[33mINCONCLUSIVE\x1b[0m prefill"));
  EXPECT_THAT(text, HasSubstr("\x1b[32mPASS        \x1b[0m time"));
  EXPECT_THAT(text, HasSubstr("\x1b[33mREFUSED     \x1b[0m L5-BASE"));
  EXPECT_THAT(text, HasSubstr("\x1b[33mINCONCLUSIVE\x1b[0m\n"));
}

TEST(ComparisonReportTest, RunsThatAreNotPairsAreCalledRuns) {
  ComparisonReport report = Sample();
  report.paired = false;
  const std::string text = TextComparison(report, {}, false);
  EXPECT_THAT(text, HasSubstr("11 current, not interleaved; margin"));
  EXPECT_THAT(text, HasSubstr(", 10 runs: why"));
}

TEST(ComparisonReportTest, JsonMemberByMember) {
  ComparePolicy policy;
  policy.may_differ = {VaryingFact::kThreads};
  const std::string look = R"("looks":[{"bootstrap":{"estimate":0.91,"says":"INCONCLUSIVE"},)"
                           R"("rank":{"estimate":0.9,"lower":0.8,"says":"FAIL","upper":1.0},"runs":10}])";
  const auto speed = [&](std::string improvement, std::string looks, std::string metric, std::string notice,
                         std::string reason, std::string verdict) {
    return R"({"improvement":)" + improvement + "," + looks + R"(,"metric":")" + metric + R"(","notice":")" + notice +
           R"(","reason":")" + reason + R"(","verdict":")" + verdict + "\"}";
  };
  EXPECT_EQ(CanonicalJson(ComparisonJson(Sample(), policy)),
            R"({"baseline_runs":10,"current_runs":11,"exit_code":3,"meaning":")" +
                std::string(GateVerdictMeaning(GateVerdict::kInconclusive)) + R"(","metrics":[)" +
                speed("false", look, "decode_tokens_per_second", "regression", "why", "FAIL") + "," +
                speed("false", R"("looks":[])", "prefill_tokens_per_second", "", "too few", "INCONCLUSIVE") + "," +
                speed("true", look, "time_to_first_token", "", "why", "PASS") + "," +
                R"({"baseline_bytes":200,"current_bytes":150,"metric":"peak_rss","reason":"within","verdict":"PASS"}],)"
                R"("paired":true,"policy":{"alpha":0.05,"looks":[10,20,30,40],"margin":0.03,)"
                R"("max_resolution_share":0.001,"may_differ":["threads"],"min_decode_ns":2000000000,"min_tokens":64,)"
                R"("rss_margin":0.03},"refusals":[{"detail":"old","id":"L5-BASE","needs":")" +
                std::string(RefusalNeed(RefusalReason::kBase)) + R"("}],"verdict":"INCONCLUSIVE"})");
}

TEST(GateTest, BothComparisonsAreNamedAndJudged) {
  GateReport report;
  report.baseline = Sample();
  const std::string alone = TextComparison(report.baseline, {}, false);
  EXPECT_EQ(TextGate(report, {}, false), alone);
  report.anchor = Sample();
  report.anchor->verdict = GateVerdict::kFail;
  EXPECT_EQ(TextGate(report, {}, false), "With the anchor: " + TextComparison(*report.anchor, {}, false) +
                                             "\nWith the baseline: " + alone + "\nBoth: FAIL\n");
  const JsonValue json = GateJson(report, {});
  EXPECT_EQ(json.AtPath("/anchor/verdict")->string(), "FAIL");
  EXPECT_EQ(json.AtPath("/baseline/verdict")->string(), "INCONCLUSIVE");
  EXPECT_EQ(json.AtPath("/exit_code")->AsInt64(), 1);
}

TEST(GateTest, RefusalsOfEachSideAreItsOwn) {
  GateInput input = Input(TestPairs(10));
  input.anchor = TestPairs(10).baseline;
  for (MeasuredRun& run : *input.anchor) run.receipt_sha256 += " of the anchor";
  EXPECT_EQ(RunGate(input, {}).verdict(), GateVerdict::kPass);
  input.anchor_refusals = {{RefusalReason::kBase, "old"}};
  GateReport report = RunGate(input, {});
  EXPECT_EQ(report.baseline.verdict, GateVerdict::kPass);
  EXPECT_EQ(report.anchor->verdict, GateVerdict::kRefused);
  std::swap(input.anchor_refusals, input.baseline_refusals);
  report = RunGate(input, {});
  EXPECT_EQ(report.baseline.verdict, GateVerdict::kRefused);
  EXPECT_EQ(report.anchor->verdict, GateVerdict::kPass);
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
