#include <cstdint>
#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Evidence;
using receipt::Receipt;

// 127 tokens after the first: 7 passes of 8 rows, all kept, one of 8 rows of which one was kept, 70 of one row.
Receipt Drafted() {
  HonestRun run;
  run.draft = 7;
  return HonestReceipt(run);
}

TEST(L1DraftTest, CountsFollowFromTheSchedule) {
  const Receipt receipt = Drafted();
  EXPECT_EQ(receipt.evidence().speculation().drafted(), 56u);
  EXPECT_EQ(receipt.evidence().speculation().accepted(), 49u);
  const CheckResult result = RunCheck(CheckDraft, receipt);
  EXPECT_EQ(result.status, CheckStatus::kPass) << result.reason;
  EXPECT_EQ(result.reason, "49 of 56 drafted tokens were what the model chose");
}

TEST(L1DraftTest, PlainRunsHaveNothingToAccountFor) {
  EXPECT_EQ(RunCheck(CheckDraft, HonestReceipt(HonestRun{})).status, CheckStatus::kNotApplicable);
}

TEST(L1DraftTest, EveryMemberIsPinned) {
  const std::pair<const char*, std::function<void(Evidence&)>> kEdits[] = {
      {"drafted less", [](Evidence& e) { e.mutable_speculation()->set_drafted(55); }},
      {"drafted more", [](Evidence& e) { e.mutable_speculation()->set_drafted(57); }},
      {"accepted less", [](Evidence& e) { e.mutable_speculation()->set_accepted(48); }},
      {"accepted more", [](Evidence& e) { e.mutable_speculation()->set_accepted(50); }},
      {"more at once than allowed", [](Evidence& e) { e.mutable_speculation()->set_max_draft(6); }},
      {"more allowed than a pass holds", [](Evidence& e) { e.mutable_speculation()->set_max_draft(16); }},
      {"another method", [](Evidence& e) { e.mutable_speculation()->set_method("draft_model"); }},
      {"not critical", [](Evidence& e) { e.mutable_crit()->RemoveLast(); }},
      {"rejected more", [](Evidence& e) { e.mutable_schedule(1)->set_rejected_rows(1); }},
      {"rejected less", [](Evidence& e) { e.mutable_schedule(2)->set_rejected_rows(6); }},
      {"all rejected", [](Evidence& e) { e.mutable_schedule(2)->set_rejected_rows(8); }},
      {"a pass more", [](Evidence& e) { e.mutable_schedule(1)->set_steps(8); }},
  };
  for (const auto& [name, edit] : kEdits) {
    Receipt receipt = Drafted();
    edit(*receipt.mutable_evidence());
    EXPECT_EQ(RunCheck(CheckDraft, receipt).status, CheckStatus::kFail) << name;
  }
}

TEST(L1DraftTest, LimitsAreReached) {
  for (const uint64_t max_draft : {7, 8, 15}) {
    Receipt receipt = Drafted();
    receipt.mutable_evidence()->mutable_speculation()->set_max_draft(max_draft);
    EXPECT_EQ(RunCheck(CheckDraft, receipt).status, CheckStatus::kPass) << max_draft;
  }
}

// Drafting is said or was not done: neither half may be left out.
TEST(L1DraftTest, NeitherHalfMayBeLeftOut) {
  Receipt unsaid = Drafted();
  unsaid.mutable_evidence()->clear_speculation();
  EXPECT_EQ(RunCheck(CheckDraft, unsaid).status, CheckStatus::kMissing);
  for (const auto& clear : {&Evidence::Speculation::clear_method, &Evidence::Speculation::clear_max_draft,
                            &Evidence::Speculation::clear_drafted, &Evidence::Speculation::clear_accepted}) {
    Receipt part = Drafted();
    (part.mutable_evidence()->mutable_speculation()->*clear)();
    EXPECT_EQ(RunCheck(CheckDraft, part).status, CheckStatus::kMissing);
  }
  Receipt undone = HonestReceipt(HonestRun{});
  *undone.mutable_evidence()->mutable_speculation() = Drafted().evidence().speculation();
  undone.mutable_evidence()->add_crit("speculation");
  EXPECT_EQ(RunCheck(CheckDraft, undone).status, CheckStatus::kFail);
  undone.mutable_evidence()->mutable_speculation()->set_drafted(0);
  undone.mutable_evidence()->mutable_speculation()->set_accepted(0);
  EXPECT_EQ(RunCheck(CheckDraft, undone).status, CheckStatus::kFail) << "nothing drafted is nothing to say";
}

}  // namespace
}  // namespace bitnet::verify
