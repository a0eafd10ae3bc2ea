#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

TEST(L1NonceTest, TheNonceIsThatOfTheLaunch) {
  receipt::Receipt receipt = HonestReceipt({});
  Artifacts artifacts;
  EXPECT_EQ(RunCheck(CheckNonce, receipt, {}, artifacts).status, CheckStatus::kNotApplicable);
  artifacts.launch = LaunchArtifact{.nonce = std::string(64, 'a'), .outer_ns = 1, .failure = ""};
  EXPECT_EQ(RunCheck(CheckNonce, receipt, {}, artifacts).status, CheckStatus::kMissing) << "it answers nothing";
  receipt.mutable_evidence()->mutable_challenge()->set_issued_by("verify run");
  EXPECT_EQ(RunCheck(CheckNonce, receipt, {}, artifacts).status, CheckStatus::kMissing);
  receipt.mutable_evidence()->mutable_challenge()->set_nonce(std::string(64, 'a'));
  EXPECT_EQ(RunCheck(CheckNonce, receipt, {}, artifacts).status, CheckStatus::kPass);
  for (const int digit : {0, 31, 63}) {
    std::string other(64, 'a');
    other[digit] = 'b';
    receipt.mutable_evidence()->mutable_challenge()->set_nonce(other);
    EXPECT_EQ(RunCheck(CheckNonce, receipt, {}, artifacts).status, CheckStatus::kFail) << digit;
  }
  EXPECT_EQ(RunCheckOnText(CheckNonce, "", {}, artifacts).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
