#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

// Fixtures are dated a day before TestNow().
TEST(L3AgeTest, NotASecondOlder) {
  FixtureContext context = UsualContext();
  EXPECT_EQ(RunSigned(CheckAge, AnsweringReceipt(), context).status, CheckStatus::kNotApplicable);
  context.policy.max_age = absl::Hours(24);
  EXPECT_EQ(RunSigned(CheckAge, AnsweringReceipt(), context).status, CheckStatus::kPass);
  context.policy.max_age = absl::Hours(24) - absl::Seconds(1);
  EXPECT_EQ(RunSigned(CheckAge, AnsweringReceipt(), context).status, CheckStatus::kFail);
}

TEST(L3AgeTest, WithoutADateThereIsNoAge) {
  FixtureContext context = UsualContext();
  context.policy.max_age = absl::Hours(24);
  receipt::Receipt receipt = AnsweringReceipt();
  receipt.set_timestamp("today");
  EXPECT_EQ(RunSigned(CheckAge, receipt, context).status, CheckStatus::kFail);
  receipt.clear_timestamp();
  EXPECT_EQ(RunSigned(CheckAge, receipt, context).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
