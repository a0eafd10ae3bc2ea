#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1TimeTest, PhasesFillTheWallToTheNanosecond) {
  for (const int64_t off : {-1, 1}) {
    Receipt receipt = HonestReceipt(HonestRun{});
    auto& timing = *receipt.mutable_evidence()->mutable_timing();
    timing.set_wall_ns(timing.wall_ns() + off);
    EXPECT_EQ(RunCheck(CheckTime, receipt).status, CheckStatus::kFail) << off;
  }
}

TEST(L1TimeTest, AForwardPassMayFillItsPhase) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& evidence = *receipt.mutable_evidence();
  ASSERT_EQ(evidence.kernel_counts(2).id(), "decode_forward");
  const uint64_t decode_ns = evidence.timing().decode_ns();
  const uint64_t choosing = evidence.kernel_counts(12).ns();
  evidence.mutable_kernel_counts(2)->set_ns(decode_ns - choosing);
  EXPECT_EQ(RunCheck(CheckTime, receipt).status, CheckStatus::kPass);
  evidence.mutable_kernel_counts(2)->set_ns(decode_ns + 1);
  EXPECT_EQ(RunCheck(CheckTime, receipt).reason.substr(0, 30),
            "ns of decode_forward is " + std::to_string(decode_ns + 1).substr(0, 6));
}

TEST(L1TimeTest, KernelsFitIntoForwardPasses) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& evidence = *receipt.mutable_evidence();
  uint64_t spans = 0;
  uint64_t inside = 0;
  for (const auto& count : evidence.kernel_counts()) {
    if (count.id() == "prefill_forward" || count.id() == "decode_forward")
      spans += count.ns();
    else if (count.id() != "argmax_f32_avx512")
      inside += count.ns();
  }
  ASSERT_EQ(evidence.kernel_counts(5).id(), "i2s_gemv_avx512vnni");
  const uint64_t gemv = evidence.kernel_counts(5).ns();
  evidence.mutable_kernel_counts(5)->set_ns(gemv + spans - inside);
  EXPECT_EQ(RunCheck(CheckTime, receipt).status, CheckStatus::kPass);
  evidence.mutable_kernel_counts(5)->set_ns(gemv + spans - inside + 1);
  EXPECT_EQ(RunCheck(CheckTime, receipt).status, CheckStatus::kFail);
}

TEST(L1TimeTest, AKernelMayBeBelowTheResolution) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& evidence = *receipt.mutable_evidence();
  ASSERT_EQ(evidence.kernel_counts(12).id(), "argmax_f32_avx512");  // no arithmetic that is counted
  evidence.mutable_kernel_counts(12)->set_ns(0);
  auto& clock = *evidence.mutable_timing()->mutable_clock();
  clock.set_resolution_ns(19);
  EXPECT_EQ(RunCheck(CheckTime, receipt).status, CheckStatus::kFail);
  clock.set_resolution_ns(20);
  EXPECT_EQ(RunCheck(CheckTime, receipt).status, CheckStatus::kPass);
  // A call of gemv is ten million MACs, more than 8 cores do in 20 ns.
  evidence.mutable_kernel_counts(5)->set_ns(0);
  EXPECT_EQ(RunCheck(CheckTime, receipt).status, CheckStatus::kFail);
}

TEST(L1TimeTest, NeedsEveryTime) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_timing()->clear_load_ns();
  receipt.mutable_evidence()->mutable_kernel_counts(3)->clear_ns();
  const CheckResult result = RunCheck(CheckTime, receipt);
  EXPECT_EQ(result.status, CheckStatus::kMissing);
  EXPECT_EQ(result.reason, "absent: /evidence/timing/load_ns, /evidence/kernel_counts/3/ns");
}

}  // namespace
}  // namespace bitnet::verify
