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

TEST(L1SamplesTest, TimesThatWereNotTakenAreRefused) {
  for (const bool prefill : {true, false}) {
    Receipt receipt = Benchmark(5);
    auto& sample = *receipt.mutable_evidence()->mutable_perf()->mutable_samples(4);
    prefill ? sample.set_prefill_ns(0) : sample.set_decode_ns(0);
    EXPECT_EQ(RunCheck(CheckSamples, receipt).status, CheckStatus::kFail);
  }
}

// With one token there is no decode time, in the samples as in the rest.
TEST(L1SamplesTest, OneTokenHasNoDecodeTime) {
  HonestRun run;
  run.samples = 2;
  run.generated = run.requested = 1;
  Receipt receipt = HonestReceipt(run);
  for (auto& sample : *receipt.mutable_evidence()->mutable_perf()->mutable_samples()) sample.set_decode_ns(0);
  receipt.mutable_evidence()->mutable_timing()->set_decode_ns(0);
  EXPECT_EQ(RunCheck(CheckSamples, receipt).status, CheckStatus::kPass);
}

TEST(L1SamplesTest, EarlierRepetitionsFitIntoTheWallTime) {
  Receipt receipt = Benchmark(5);
  auto& evidence = *receipt.mutable_evidence();
  uint64_t until_reported = 0;
  for (uint64_t i = 0; i <= evidence.perf().repetition(); ++i) {
    const auto& sample = evidence.perf().samples(static_cast<int>(i));
    until_reported += sample.prefill_ns() + sample.decode_ns();
  }
  ASSERT_EQ(evidence.perf().repetition(), 1u);
  evidence.mutable_timing()->set_wall_ns(evidence.timing().load_ns() + until_reported);
  EXPECT_EQ(RunCheck(CheckSamples, receipt).status, CheckStatus::kPass);
  evidence.mutable_timing()->set_wall_ns(evidence.timing().load_ns() + until_reported - 1);
  EXPECT_EQ(RunCheck(CheckSamples, receipt).status, CheckStatus::kFail);
}

TEST(L1SamplesTest, ALaterRepetitionMayStallButNotForever) {
  Receipt receipt = Benchmark(5);
  auto& evidence = *receipt.mutable_evidence();
  int slowest = 0;
  for (int i = 2; i < 5; ++i) {
    if (evidence.perf().samples(i).decode_ns() > evidence.timing().decode_ns()) slowest = i;
  }
  ASSERT_GT(slowest, 1);
  auto& sample = *evidence.mutable_perf()->mutable_samples(slowest);
  sample.set_decode_ns(evidence.timing().wall_ns() * 16);
  EXPECT_EQ(RunCheck(CheckSamples, receipt).status, CheckStatus::kPass);
  sample.set_decode_ns(evidence.timing().wall_ns() * 16 + 1);
  EXPECT_EQ(RunCheck(CheckSamples, receipt).status, CheckStatus::kFail);
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
