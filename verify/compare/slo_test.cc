#include "verify/compare/slo.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/testing_runs.h"
#include "verify/policy.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;

// Ten runs of 127 tokens in 4 s and 512 in 1.5 s, within a percent; loads of
// 200 ms; 1.3e9 bytes.
std::vector<MeasuredRun> Runs() {
  std::vector<MeasuredRun> runs;
  for (int i = 0; i < 10; ++i) {
    runs.push_back(TestRun("a", i, 1 + 0.002 * ((i * 7) % 10 - 4.5)));
    runs.back().load_ns = 200'000'000 + i;
  }
  return runs;
}

GateVerdict Judge(std::optional<double> SloLimits::*field, double limit) {
  SloLimits limits;
  limits.*field = limit;
  const std::vector<SloResult> results = JudgeSlo(Runs(), limits, 0.05);
  EXPECT_EQ(results.size(), 1u);
  return results[0].verdict;
}

TEST(SloTest, EveryLimitPassesFailsAndIsUndecidedNearby) {
  struct Row {
    std::optional<double> SloLimits::*field;
    double kept, broken, near;
  };
  for (const Row& row :
       {Row{&SloLimits::min_decode_tps, 31, 33, 127 / 4.0}, Row{&SloLimits::min_prefill_tps, 330, 350, 512 / 1.5},
        Row{&SloLimits::max_ttft_ms, 1550, 1450, 1500}}) {
    EXPECT_EQ(Judge(row.field, row.kept), GateVerdict::kPass) << row.kept;
    EXPECT_EQ(Judge(row.field, row.broken), GateVerdict::kFail) << row.broken;
    EXPECT_EQ(Judge(row.field, row.near), GateVerdict::kInconclusive) << row.near;
  }
  EXPECT_EQ(Judge(&SloLimits::max_load_ms, 201), GateVerdict::kPass);
  EXPECT_EQ(Judge(&SloLimits::max_load_ms, 199), GateVerdict::kFail);
  const double rss = 1'300'000'000.0 / (1 << 20);
  EXPECT_EQ(Judge(&SloLimits::max_peak_rss_mib, rss), GateVerdict::kPass) << "the limit itself is kept";
  EXPECT_EQ(Judge(&SloLimits::max_peak_rss_mib, rss - 0.001), GateVerdict::kFail);
}

// Runs that are all alike: the interval is their value, and a limit is kept by what equals it.
TEST(SloTest, WhatEqualsTheLimitKeepsIt) {
  std::vector<MeasuredRun> runs = Runs();
  for (MeasuredRun& run : runs) {
    run.generated_tokens = 128;
    run.decode_ns = 4'000'000'000;
    run.load_ns = 200'000'000;
  }
  const auto judge = [&](std::optional<double> SloLimits::*field, double limit) {
    SloLimits limits;
    limits.*field = limit;
    return JudgeSlo(runs, limits, 0.05)[0].verdict;
  };
  EXPECT_EQ(judge(&SloLimits::min_decode_tps, 31.75), GateVerdict::kPass);
  EXPECT_EQ(judge(&SloLimits::min_decode_tps, 31.76), GateVerdict::kFail);
  EXPECT_EQ(judge(&SloLimits::max_load_ms, 200), GateVerdict::kPass);
  EXPECT_EQ(judge(&SloLimits::max_load_ms, 199.99), GateVerdict::kFail);
}

TEST(SloTest, ARunWithoutASecondTokenHasNoRate) {
  std::vector<MeasuredRun> runs = Runs();
  runs[0].generated_tokens = 1;
  SloLimits limits;
  limits.min_decode_tps = 0.001;
  EXPECT_EQ(JudgeSlo(runs, limits, 0.05)[0].verdict, GateVerdict::kInconclusive);
  runs = Runs();
  runs[0].decode_ns = 0;
  EXPECT_EQ(JudgeSlo(runs, limits, 0.05)[0].verdict, GateVerdict::kInconclusive);
}

TEST(SloTest, ASlowRunAmongMeansNothingAndAllOfThemDo) {
  std::vector<MeasuredRun> runs = Runs();
  SloLimits limits;
  limits.min_decode_tps = 31;
  runs[3].decode_ns = *runs[3].decode_ns * 2;
  EXPECT_NE(JudgeSlo(runs, limits, 0.05)[0].verdict, GateVerdict::kFail);
  for (MeasuredRun& run : runs) run.decode_ns = *run.decode_ns * 2;
  EXPECT_EQ(JudgeSlo(runs, limits, 0.05)[0].verdict, GateVerdict::kFail);
}

TEST(SloTest, TooFewRunsDecideNothing) {
  SloLimits limits;
  limits.min_decode_tps = 1;
  const std::vector<MeasuredRun> runs = Runs();
  EXPECT_EQ(JudgeSlo(std::span(runs).first(4), limits, 0.05)[0].verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(JudgeSlo(std::span(runs).first(5), limits, 0.05)[0].verdict, GateVerdict::kPass) << "1 of 2^5 is 3.1 %";
}

TEST(SloTest, WhatARunDoesNotSayIsNotKept) {
  SloLimits limits;
  limits.max_load_ms = 1e9;
  std::vector<MeasuredRun> runs = Runs();
  EXPECT_EQ(JudgeSlo(runs, limits, 0.05)[0].verdict, GateVerdict::kPass);
  runs[4].load_ns.reset();
  EXPECT_EQ(JudgeSlo(runs, limits, 0.05)[0].verdict, GateVerdict::kInconclusive);
}

TEST(SloTest, NamesComeWithValuesInTheUnitOfTheLimit) {
  SloLimits limits;
  EXPECT_FALSE(HasLimits(limits));
  limits.max_ttft_ms = 2000;
  EXPECT_TRUE(HasLimits(limits));
  const SloResult result = JudgeSlo(Runs(), limits, 0.05)[0];
  EXPECT_EQ(result.name, "max_ttft_ms");
  EXPECT_NEAR(result.measured.estimate, 1500, 5);
  EXPECT_LT(result.measured.lower, result.measured.upper);
}

TEST(SloTest, LimitsAreAMemberOfThePolicyFile) {
  constexpr char kPolicy[] =
      R"({"min_level": "L1", "slo": {"min_decode_tps": 20, "min_prefill_tps": 100.5,
                                 "max_ttft_ms": 2000, "max_load_ms": 500, "max_peak_rss_mib": 1400}})";
  EXPECT_TRUE(ParsePolicy(kPolicy).ok()) << ParsePolicy(kPolicy).status();
  const auto limits = ReadSloLimits(kPolicy);
  ASSERT_TRUE(limits.ok()) << limits.status();
  EXPECT_EQ(limits->min_decode_tps, 20);
  EXPECT_EQ(limits->min_prefill_tps, 100.5);
  EXPECT_EQ(limits->max_ttft_ms, 2000);
  EXPECT_EQ(limits->max_load_ms, 500);
  EXPECT_EQ(limits->max_peak_rss_mib, 1400);
  EXPECT_FALSE(HasLimits(*ReadSloLimits("{}")));
  for (const char *text : {R"({"slo": 1})", R"({"slo": {"min_decode_tps": 0}})", R"({"slo": {"min_decode_tps": "20"}})",
                           R"({"slo": {"max_ttft_ms": -1}})", R"({"slo": {"max_ttft": 1}})"}) {
    EXPECT_FALSE(ParsePolicy(text).ok()) << text;
    EXPECT_FALSE(ReadSloLimits(text).ok()) << text;
  }
  EXPECT_FALSE(ReadSloLimits("no JSON").ok());
  EXPECT_THAT(ParsePolicy(R"({"slo": {"max_ttft": 1}})").status().message(), HasSubstr("slo.max_ttft"));
}

}  // namespace
}  // namespace bitnet::verify
