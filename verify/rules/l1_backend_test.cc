#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1BackendTest, OnlyCpuHasKernels) {
  Receipt receipt = HonestReceipt(HonestRun{});
  EXPECT_EQ(RunCheck(CheckBackend, receipt).status, CheckStatus::kPass);
  for (const char* backend : {"cuda", "gpu", "CPU", ""}) {
    receipt.set_backend(backend);
    EXPECT_EQ(RunCheck(CheckBackend, receipt).status, CheckStatus::kFail) << backend;
  }
}

TEST(L1BackendTest, ThePolicyAllowsBackends) {
  const Receipt receipt = HonestReceipt(HonestRun{});
  Policy policy;
  policy.allowed_backends = {"cuda", "cpu"};
  EXPECT_EQ(RunCheck(CheckBackend, receipt, policy).status, CheckStatus::kPass);
  policy.allowed_backends = {"cuda"};
  const CheckResult result = RunCheck(CheckBackend, receipt, policy);
  EXPECT_EQ(result.status, CheckStatus::kFail);
  EXPECT_EQ(result.reason, "/backend is \"cpu\"; expected one that the policy allows: cuda");
}

TEST(L1BackendTest, ACpuWithoutKernelsRanNothing) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->clear_kernel_counts();
  EXPECT_EQ(RunCheck(CheckBackend, receipt).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
