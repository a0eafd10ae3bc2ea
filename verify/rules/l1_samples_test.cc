#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

Receipt Benchmark(uint64_t samples) {
  HonestRun run;
  run.samples = samples;
  return HonestReceipt(run);
}

TEST(L1SamplesTest, LowerMedianOfAnyNumber) {
  for (const uint64_t samples : {1, 2, 3, 4, 5, 9, 10}) {
    const CheckResult result = RunCheck(CheckSamples, Benchmark(samples));
    EXPECT_EQ(result.status, CheckStatus::kPass) << samples << ": " << result.reason;
  }
}

// Whichever of the other repetitions were reported, it would be refused.
TEST(L1SamplesTest, NoOtherRepetitionCanBeReported) {
  Receipt receipt = Benchmark(5);
  const uint64_t honest = receipt.evidence().perf().repetition();
  for (uint64_t repetition = 0; repetition < 5; ++repetition) {
    auto& evidence = *receipt.mutable_evidence();
    const auto& sample = evidence.perf().samples(static_cast<int>(repetition));
    evidence.mutable_perf()->set_repetition(repetition);
    evidence.mutable_timing()->set_prefill_ns(sample.prefill_ns());
    evidence.mutable_timing()->set_decode_ns(sample.decode_ns());
    EXPECT_EQ(RunCheck(CheckSamples, receipt).status, repetition == honest ? CheckStatus::kPass : CheckStatus::kFail)
        << repetition;
  }
}

TEST(L1SamplesTest, ASingleRunIsARepetitionOfNothing) {
  Receipt receipt = Benchmark(0);
  const CheckResult result = RunCheck(CheckSamples, receipt);
  EXPECT_EQ(result.status, CheckStatus::kPass);
  EXPECT_GE(result.evidence, 1u);
  receipt.mutable_evidence()->mutable_perf()->set_repetition(0);
  EXPECT_EQ(RunCheck(CheckSamples, receipt).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
