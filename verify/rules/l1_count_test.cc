#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1CountTest, CountsEveryFact) {
  const CheckResult result = RunCheck(CheckCount, HonestReceipt(HonestRun{}));
  EXPECT_EQ(result.status, CheckStatus::kPass) << result.reason;
  // 13 kernels with four counts, an order and a reason to be there each, and more about the run.
  EXPECT_GE(result.evidence, 13u * 6);
}

TEST(L1CountTest, SaysKernelExpectedAndGot) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_kernel_counts(5)->set_calls(26669);
  const CheckResult result = RunCheck(CheckCount, receipt);
  EXPECT_EQ(result.status, CheckStatus::kFail);
  EXPECT_EQ(result.reason,
            "/evidence/kernel_counts/5/calls of i2s_gemv_avx512vnni is 26669; expected 26670, what architecture, "
            "schedule and instruction sets imply");
}

TEST(L1CountTest, NamesAKernelThatIsAbsent) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_kernel_counts()->DeleteSubrange(5, 1);
  const CheckResult result = RunCheck(CheckCount, receipt);
  EXPECT_EQ(result.reason, "/evidence/kernel_counts has no i2s_gemv_avx512vnni; expected 26670 calls of it");
}

TEST(L1CountTest, TheSameKernelTwiceIsNotASum) {
  Receipt receipt = HonestReceipt(HonestRun{});
  *receipt.mutable_evidence()->add_kernel_counts() = receipt.evidence().kernel_counts(12);
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kFail);
}

// How many rows of the head screening leaves is for the receipt to say; everything else about them is not.
TEST(L1CountTest, ScreenedLogits) {
  HonestRun run;
  run.screened = true;
  const Receipt honest = HonestReceipt(run);
  const CheckResult result = RunCheck(CheckCount, honest);
  EXPECT_EQ(result.status, CheckStatus::kPass) << result.reason;
  const auto index_of = [&](std::string_view id) {
    for (int i = 0; i < honest.evidence().kernel_counts_size(); ++i) {
      if (honest.evidence().kernel_counts(i).id() == id) return i;
    }
    return -1;
  };
  const int head = index_of("head_f16_avx512");
  const int screen = index_of("head_i8_avx512vnni");
  ASSERT_GE(head, 0);
  ASSERT_GE(screen, 0);
  const auto& honest_head = honest.evidence().kernel_counts(head);
  EXPECT_EQ(honest_head.calls(), 128u);
  EXPECT_EQ(honest_head.macs(), 128u * run.head_rows * 2560);
  const auto with_head_rows = [&](uint64_t rows) {
    Receipt receipt = honest;
    auto& count = *receipt.mutable_evidence()->mutable_kernel_counts(head);
    count.set_macs(rows * 2560);
    count.set_bytes(rows * 2560 * 2);
    return RunCheck(CheckCount, receipt).status;
  };
  EXPECT_EQ(with_head_rows(128), CheckStatus::kPass);
  EXPECT_EQ(with_head_rows(127), CheckStatus::kFail) << "a pass without a row of the head";
  EXPECT_EQ(with_head_rows(uint64_t{128} * 128256), CheckStatus::kPass) << "nothing could be ruled out";
  EXPECT_EQ(with_head_rows(uint64_t{128} * 128256 + 1), CheckStatus::kFail);

  Receipt receipt = honest;
  receipt.mutable_evidence()->mutable_kernel_counts(head)->set_macs(honest_head.macs() + 1);
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kFail) << "part of a row";
  receipt = honest;
  receipt.mutable_evidence()->mutable_kernel_counts(head)->set_bytes(honest_head.bytes() - 2);
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kFail);
  receipt = honest;
  receipt.mutable_evidence()->mutable_kernel_counts(screen)->set_calls(127);
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kFail) << "a pass that was not screened";
  receipt = honest;
  receipt.mutable_evidence()->mutable_kernel_counts()->DeleteSubrange(screen, 1);
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kFail) << "rows left out by nobody";
  receipt = honest;
  receipt.mutable_evidence()->mutable_kernel_counts(screen)->set_id("head_i8_avx2");
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kFail) << "not the kernel that dispatch chooses";
}

// The closed form is the sum of all passes, and a million of them take no time.
TEST(L1CountTest, LongRunsAreSummedNotStepped) {
  RunFacts run;
  run.arch = kTinyShape;
  run.generated = 1001;
  run.kv_reused = 3;
  run.isa = IsaClosure(Isa::kAvx2);
  run.schedule = {{StepKind::kPrefill, 7, 5, 0}, {StepKind::kPrefill, 1, 2, 1}, {StepKind::kDecode, 1000, 1, 1}};
  EXPECT_EQ(ImpliedWork(run), ExpectedWork(run.arch, run.schedule, 3, 1001, false, run.isa));

  HonestRun longest;
  longest.arch = kTinyShape;
  longest.model_path = "tiny.gguf";
  longest.generated = longest.requested = uint64_t{1} << 20;
  const CheckResult result = RunCheck(CheckCount, HonestReceipt(longest));
  EXPECT_EQ(result.status, CheckStatus::kPass) << result.reason;
}

// A schedule or an architecture from outside must not make the auditor work for hours or wrap around.
TEST(L1CountTest, HostileSizesAreRefusedBeforeAnythingIsComputed) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_schedule(1)->set_steps((uint64_t{1} << 21) + 1);
  CheckResult result = RunCheck(CheckCount, receipt);
  EXPECT_NE(result.reason.find("expected at most 2097152"), std::string::npos) << result.reason;

  receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_schedule(0)->set_rows(uint64_t{1} << 52);
  result = RunCheck(CheckCount, receipt);
  EXPECT_NE(result.reason.find("more work than"), std::string::npos) << result.reason;

  receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_model()->mutable_arch()->set_vocab_size(uint64_t{1} << 52);
  result = RunCheck(CheckCount, receipt);
  EXPECT_NE(result.reason.find("more work than"), std::string::npos) << result.reason;
}

TEST(L1CountTest, WithoutCountsThereIsNothingToCheck) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->clear_schedule();
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kFail);
  receipt.clear_evidence();
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
