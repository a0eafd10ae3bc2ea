#include <cstdint>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

CheckResult RunOuter(const receipt::Receipt& receipt, uint64_t outer_ns, const Policy& policy = {}) {
  Artifacts artifacts;
  artifacts.launch = LaunchArtifact{.nonce = "", .outer_ns = outer_ns, .failure = ""};
  return RunCheck(CheckOuter, receipt, policy, artifacts);
}

// A run that claims a load and a wall time; 10 tokens.
receipt::Receipt Claiming(uint64_t load, uint64_t wall) {
  receipt::Receipt receipt = HonestReceipt({});
  receipt.mutable_evidence()->mutable_timing()->set_load_ns(load);
  receipt.mutable_evidence()->mutable_timing()->set_wall_ns(wall);
  receipt.mutable_evidence()->mutable_tokens()->set_generated(10);
  receipt.mutable_evidence()->mutable_perf()->clear_samples();
  return receipt;
}

TEST(L1OuterTest, TheWallTimeFitsIntoTheTimeOutsideToTheNanosecond) {
  const receipt::Receipt receipt = Claiming(1'000'000, 2'000'000'000);
  EXPECT_EQ(RunOuter(receipt, 2'000'000'000).status, CheckStatus::kPass);
  const CheckResult longer = RunOuter(receipt, 1'999'999'999);
  EXPECT_EQ(longer.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(longer.reason, "/evidence/timing/wall_ns is 2000000000")) << longer.reason;
  EXPECT_EQ(RunCheck(CheckOuter, receipt).status, CheckStatus::kNotApplicable);
}

TEST(L1OuterTest, SoDoAllRepetitionsOfABenchmark) {
  receipt::Receipt receipt = Claiming(1'000'000, 1'000'000'000);
  for (int i = 0; i < 3; ++i) {
    auto& sample = *receipt.mutable_evidence()->mutable_perf()->add_samples();
    sample.set_prefill_ns(200'000'000);
    sample.set_decode_ns(800'000'000);
  }
  EXPECT_EQ(RunOuter(receipt, 3'001'000'000).status, CheckStatus::kPass);
  EXPECT_EQ(RunOuter(receipt, 3'000'999'999).status, CheckStatus::kFail);
  const CheckResult result = RunOuter(receipt, 4'000'000'000);
  EXPECT_EQ(result.reason, "4.000 s outside, 0.999 s of it unexplained; at least 7.5 tokens a second");
  receipt.mutable_evidence()->mutable_perf()->mutable_samples(2)->clear_decode_ns();
  EXPECT_EQ(RunOuter(receipt, 4'000'000'000).status, CheckStatus::kMissing);
  receipt.mutable_evidence()->mutable_perf()->mutable_samples(2)->set_decode_ns(uint64_t{1} << 52);
  receipt.mutable_evidence()->mutable_perf()->mutable_samples(1)->set_decode_ns(uint64_t{1} << 52);
  EXPECT_EQ(RunOuter(receipt, 4'000'000'000).status, CheckStatus::kFail);
}

// T18: every time scaled down, so that all of them agree with each other. Outside it shows, and a policy bounds it.
TEST(L1OuterTest, WhatIsUnexplainedIsShownAndBounded) {
  const receipt::Receipt receipt = Claiming(1'000'000, 1'000'000'000);
  const CheckResult shown = RunOuter(receipt, 4'000'000'000);
  EXPECT_EQ(shown.status, CheckStatus::kPass);
  EXPECT_EQ(shown.reason, "4.000 s outside, 3.000 s of it unexplained; at least 2.5 tokens a second");
  Policy policy;
  policy.max_unexplained_percent = 75;
  EXPECT_EQ(RunOuter(receipt, 4'000'000'000, policy).status, CheckStatus::kPass);
  const CheckResult over = RunOuter(receipt, 4'000'000'001, policy);
  EXPECT_EQ(over.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(over.reason, "the policy takes 75 % unexplained at most")) << over.reason;
  policy.max_unexplained_percent = 0;
  EXPECT_EQ(RunOuter(receipt, 1'000'000'000, policy).status, CheckStatus::kPass);
  EXPECT_EQ(RunOuter(receipt, 1'000'000'001, policy).status, CheckStatus::kFail);
}

TEST(L1OuterTest, WithoutTimesNothingFits) {
  for (const auto clear : {+[](receipt::Evidence& evidence) { evidence.clear_timing(); },
                           +[](receipt::Evidence& evidence) { evidence.mutable_timing()->clear_wall_ns(); },
                           +[](receipt::Evidence& evidence) { evidence.mutable_timing()->clear_load_ns(); },
                           +[](receipt::Evidence& evidence) { evidence.mutable_tokens()->clear_generated(); }}) {
    receipt::Receipt receipt = Claiming(1, 2);
    clear(*receipt.mutable_evidence());
    EXPECT_EQ(RunOuter(receipt, 4'000'000'000).status, CheckStatus::kMissing);
  }
}

}  // namespace
}  // namespace bitnet::verify
