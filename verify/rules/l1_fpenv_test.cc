#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1FpEnvTest, EveryControlBitMatters) {
  for (int bit = 0; bit < 16; ++bit) {
    Receipt receipt = HonestReceipt(HonestRun{});
    receipt.mutable_evidence()->mutable_host()->set_mxcsr(8064u ^ (1u << bit));
    EXPECT_EQ(RunCheck(CheckFpEnv, receipt).status, CheckStatus::kFail) << bit;
  }
}

TEST(L1FpEnvTest, TheProfileIsOneThing) {
  Receipt receipt = HonestReceipt(HonestRun{});
  EXPECT_EQ(RunCheck(CheckFpEnv, receipt).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_arithmetic()->set_profile("bitnet-t2i8-int32-ca2");
  EXPECT_EQ(RunCheck(CheckFpEnv, receipt).reason,
            "/evidence/arithmetic/profile is \"bitnet-t2i8-int32-ca2\"; expected \"bitnet-t2i8-int32-ca1\"");
  receipt.mutable_evidence()->clear_arithmetic();
  EXPECT_EQ(RunCheck(CheckFpEnv, receipt).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
