#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1KernelsTest, SaysBothLists) {
  Receipt receipt = HonestReceipt(HonestRun{});
  EXPECT_EQ(RunCheck(CheckKernels, receipt).status, CheckStatus::kPass);
  receipt.mutable_kernels()->DeleteSubrange(11, 1);
  const CheckResult result = RunCheck(CheckKernels, receipt);
  EXPECT_EQ(result.status, CheckStatus::kFail);
  EXPECT_NE(result.reason.find("residual_add]; expected [embedding_lookup,"), std::string::npos) << result.reason;
}

TEST(L1KernelsTest, ConcreteIdsDoNotBelongThere) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.set_kernels(2, "i2s_gemv_avx512vnni");
  EXPECT_EQ(RunCheck(CheckKernels, receipt).status, CheckStatus::kFail);
}

TEST(L1KernelsTest, OneTokenHasNoDecodePass) {
  HonestRun run;
  run.generated = run.requested = 1;
  Receipt receipt = HonestReceipt(run);
  EXPECT_EQ(RunCheck(CheckKernels, receipt).status, CheckStatus::kPass);
  receipt.add_kernels("decode_forward");
  EXPECT_EQ(RunCheck(CheckKernels, receipt).status, CheckStatus::kFail);
}

TEST(L1KernelsTest, NothingListedAndNothingCountedIsNoAgreement) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.clear_kernels();
  receipt.mutable_evidence()->clear_kernel_counts();
  EXPECT_NE(RunCheck(CheckKernels, receipt).status, CheckStatus::kPass);
}

}  // namespace
}  // namespace bitnet::verify
