#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1QuantTest, AllPhasesInWholeMicrosecondsAreAStory) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& timing = *receipt.mutable_evidence()->mutable_timing();
  timing.set_load_ns(180'000'000);
  timing.set_prefill_ns(1'700'123'000);
  timing.set_decode_ns(5'200'000'000);
  timing.set_overhead_ns(7'000);
  EXPECT_EQ(RunCheck(CheckQuant, receipt).reason,
            "the phases of /evidence/timing are all multiples of 1000 ns; expected measured times, not rounded ones");
  timing.set_overhead_ns(7'001);
  EXPECT_EQ(RunCheck(CheckQuant, receipt).status, CheckStatus::kPass);
}

TEST(L1QuantTest, TooFewTimesAreNoPattern) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& timing = *receipt.mutable_evidence()->mutable_timing();
  timing.set_load_ns(0);
  timing.set_prefill_ns(1'000'000);
  timing.set_decode_ns(2'000'000);
  timing.set_overhead_ns(0);
  EXPECT_EQ(RunCheck(CheckQuant, receipt).status, CheckStatus::kPass);
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
