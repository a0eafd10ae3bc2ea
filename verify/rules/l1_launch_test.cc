#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

TEST(L1LaunchTest, HowTheProgramEndedDecides) {
  Artifacts artifacts;
  EXPECT_EQ(RunCheck(CheckLaunch, HonestReceipt({}), {}, artifacts).status, CheckStatus::kNotApplicable);
  artifacts.launch = LaunchArtifact{.nonce = "", .outer_ns = 1'234'000'000, .failure = ""};
  const CheckResult good = RunCheck(CheckLaunch, HonestReceipt({}), {}, artifacts);
  EXPECT_EQ(good.status, CheckStatus::kPass);
  EXPECT_EQ(good.reason, "ended with exit code 0 after 1.234 s");
  artifacts.launch->failure = "signal 9";
  const CheckResult bad = RunCheck(CheckLaunch, HonestReceipt({}), {}, artifacts);
  EXPECT_EQ(bad.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(bad.reason, "signal 9")) << bad.reason;
  EXPECT_EQ(RunCheckOnText(CheckLaunch, "", {}, artifacts).status, CheckStatus::kFail) << "whatever the receipt is";
}

}  // namespace
}  // namespace bitnet::verify
