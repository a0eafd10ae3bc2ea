#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1ScheduleTest, ChunkedPrefillIsCanonical) {
  HonestRun run;
  run.chunk = 100;  // five steps of 100 rows and one of 12
  const CheckResult result = RunCheck(CheckSchedule, HonestReceipt(run));
  EXPECT_EQ(result.status, CheckStatus::kPass) << result.reason;
  EXPECT_EQ(result.reason, "a canonical schedule of 3 entries");
}

TEST(L1ScheduleTest, SplittingAnEntryChangesNothingButTheForm) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_schedule(1)->set_steps(100);
  *receipt.mutable_evidence()->add_schedule() = receipt.evidence().schedule(1);
  receipt.mutable_evidence()->mutable_schedule(2)->set_steps(27);
  EXPECT_EQ(RunCheck(CheckSchedule, receipt).reason,
            "/evidence/schedule/2 equals the entry before it; expected one entry with the steps of both");
  EXPECT_EQ(RunCheck(CheckCount, receipt).status, CheckStatus::kPass);
}

TEST(L1ScheduleTest, AbsentMembersAreNamed) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_schedule(1)->clear_rows();
  const CheckResult result = RunCheck(CheckSchedule, receipt);
  EXPECT_EQ(result.status, CheckStatus::kMissing);
  EXPECT_EQ(result.reason, "absent: /evidence/schedule/1/rows");
}

}  // namespace
}  // namespace bitnet::verify
