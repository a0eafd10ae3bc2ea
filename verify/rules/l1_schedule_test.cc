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

TEST(L1ScheduleTest, RejectedRowsAreSomeOfADecodeStep) {
  HonestRun run;
  run.draft = 7;
  const Receipt honest = HonestReceipt(run);
  EXPECT_EQ(RunCheck(CheckSchedule, honest).status, CheckStatus::kPass);
  const auto with = [&](int entry, uint64_t rejected) {
    Receipt receipt = honest;
    receipt.mutable_evidence()->mutable_schedule(entry)->set_rejected_rows(rejected);
    return RunCheck(CheckSchedule, receipt);
  };
  EXPECT_EQ(with(4, 1).status, CheckStatus::kPass) << "how many, other rules say";
  EXPECT_EQ(with(4, 8).reason,
            "/evidence/schedule/4/rejected_rows is 8; expected less than the 8 rows of the step, whose first is of a "
            "token that was chosen");
  EXPECT_EQ(with(4, 0).status, CheckStatus::kFail) << "none is said by leaving it out";
  EXPECT_EQ(with(5, 1).status, CheckStatus::kFail) << "a single row is no draft";
  EXPECT_EQ(with(0, 1).reason,
            "/evidence/schedule/0/rejected_rows is 1 of a prefill step; expected none, for a prompt is not drafted");
  EXPECT_EQ(with(3, 7).reason,
            "/evidence/schedule/4 equals the entry before it; expected one entry with the steps of both");
  Receipt receipt = honest;
  receipt.mutable_evidence()->mutable_schedule(3)->set_logit_rows(7);
  EXPECT_EQ(RunCheck(CheckSchedule, receipt).reason,
            "/evidence/schedule/3/logit_rows is 7; expected 8, every row of a decode step may choose");
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
