#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

CheckResult WithPhases(uint64_t load, uint64_t prefill, uint64_t decode, uint64_t overhead, uint64_t resolution = 1) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& timing = *receipt.mutable_evidence()->mutable_timing();
  timing.set_load_ns(load);
  timing.set_prefill_ns(prefill);
  timing.set_decode_ns(decode);
  timing.set_overhead_ns(overhead);
  timing.mutable_clock()->set_resolution_ns(resolution);
  return RunCheck(CheckQuant, receipt);
}

TEST(L1QuantTest, AllPhasesInWholeMicrosecondsAreAStory) {
  EXPECT_EQ(WithPhases(180'001'000, 1'700'123'000, 5'200'007'000, 7'000).reason,
            "the phases of /evidence/timing are all multiples of 1000 ns; expected measured times, not rounded ones");
  EXPECT_EQ(WithPhases(180'001'000, 1'700'123'000, 5'200'007'000, 7'001).status, CheckStatus::kPass);
  EXPECT_EQ(WithPhases(0, 1'700'123'000, 5'200'007'000, 0).status, CheckStatus::kPass) << "two are no pattern";
}

TEST(L1QuantTest, TwoPhasesInTensOfMicrosecondsAreAStory) {
  EXPECT_EQ(WithPhases(180'010'000, 1'700'120'000, 5'200'007'001, 7'001).reason,
            "2 of load_ns, prefill_ns and decode_ns in /evidence/timing are multiples of 10000 ns; expected measured "
            "times, not rounded ones");
  EXPECT_EQ(WithPhases(180'010'000, 1'700'121'000, 5'200'007'001, 7'001).status, CheckStatus::kPass);
  EXPECT_EQ(WithPhases(180'010'000, 1'700'123'001, 5'200'010'000, 7'001).status, CheckStatus::kFail);
  EXPECT_EQ(WithPhases(180'010'000, 0, 5'200'007'001, 7'001).status, CheckStatus::kPass) << "0 is no rounded time";
}

TEST(L1QuantTest, DecodeInWholeMillisecondsIsAStory) {
  EXPECT_EQ(WithPhases(180'000'001, 1'700'123'001, 315'000'000, 7'001).status, CheckStatus::kFail);
  EXPECT_EQ(WithPhases(180'000'001, 1'700'123'001, 315'001'000, 7'001).status, CheckStatus::kPass);
}

// On a clock of 100 ns, whole 10 us happen a hundred times as often; what is round is counted in ticks.
TEST(L1QuantTest, ACoarserClockHasCoarserRoundTimes) {
  EXPECT_EQ(WithPhases(180'010'000, 1'700'120'000, 315'000'000, 7'300, 100).status, CheckStatus::kPass);
  EXPECT_EQ(WithPhases(180'000'000, 1'701'000'000, 315'000'100, 7'300, 100).status, CheckStatus::kFail);
  EXPECT_EQ(WithPhases(180'000'100, 1'701'000'300, 300'000'000, 7'300, 100).status, CheckStatus::kFail);
}

TEST(L1QuantTest, DecodeIsLongAgainstTheResolution) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& timing = *receipt.mutable_evidence()->mutable_timing();
  timing.set_decode_ns(4'001'999);
  timing.mutable_clock()->set_resolution_ns(4'001);
  EXPECT_EQ(RunCheck(CheckQuant, receipt).status, CheckStatus::kPass);
  timing.mutable_clock()->set_resolution_ns(4'002);
  EXPECT_EQ(RunCheck(CheckQuant, receipt).status, CheckStatus::kFail);
  timing.mutable_clock()->set_resolution_ns((uint64_t{1} << 53) - 1);
  EXPECT_EQ(RunCheck(CheckQuant, receipt).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
