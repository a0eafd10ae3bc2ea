#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Evidence;
using receipt::Receipt;

// 127 tokens after the first: passes of 3 rows, of 5, and 7 of 8, all kept, one of 8 rows of which one was kept, 62 of
// one row.
Receipt Drafted() {
  HonestRun run;
  run.draft = 7;
  return HonestReceipt(run);
}

TEST(L1DraftTest, CountsFollowFromTheSchedule) {
  const Receipt receipt = Drafted();
  EXPECT_EQ(receipt.evidence().speculation().drafted(), 62u);
  EXPECT_EQ(receipt.evidence().speculation().accepted(), 55u);
  const CheckResult result = RunCheck(CheckDraft, receipt);
  EXPECT_EQ(result.status, CheckStatus::kPass) << result.reason;
  EXPECT_EQ(result.reason, "55 of 62 drafted tokens were what the model chose");
}

TEST(L1DraftTest, PlainRunsHaveNothingToAccountFor) {
  EXPECT_EQ(RunCheck(CheckDraft, HonestReceipt(HonestRun{})).status, CheckStatus::kNotApplicable);
}

TEST(L1DraftTest, EveryMemberIsPinned) {
  const std::pair<const char*, std::function<void(Evidence&)>> kEdits[] = {
      {"drafted less", [](Evidence& e) { e.mutable_speculation()->set_drafted(61); }},
      {"drafted more", [](Evidence& e) { e.mutable_speculation()->set_drafted(63); }},
      {"accepted less", [](Evidence& e) { e.mutable_speculation()->set_accepted(54); }},
      {"accepted more", [](Evidence& e) { e.mutable_speculation()->set_accepted(56); }},
      {"more at once than allowed", [](Evidence& e) { e.mutable_speculation()->set_max_draft(6); }},
      {"more allowed than a pass holds", [](Evidence& e) { e.mutable_speculation()->set_max_draft(16); }},
      {"another method", [](Evidence& e) { e.mutable_speculation()->set_method("draft_model"); }},
      {"not critical", [](Evidence& e) { e.mutable_crit()->RemoveLast(); }},
      {"rejected more", [](Evidence& e) { e.mutable_schedule(1)->set_rejected_rows(1); }},
      {"rejected less", [](Evidence& e) { e.mutable_schedule(4)->set_rejected_rows(6); }},
      {"all rejected", [](Evidence& e) { e.mutable_schedule(4)->set_rejected_rows(8); }},
      {"a pass more", [](Evidence& e) { e.mutable_schedule(3)->set_steps(8); }},
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

struct Passes {
  uint64_t steps;
  uint64_t rows;
  uint64_t rejected = 0;
};

// The result for a run of `passes`, whose counts agree with them, with `more_wanted` tokens asked for beyond those
// chosen.
CheckResult CheckPasses(const std::vector<Passes>& passes, uint64_t max_draft = 15, uint64_t more_wanted = 100) {
  Receipt receipt = Drafted();
  Evidence& evidence = *receipt.mutable_evidence();
  evidence.mutable_schedule()->DeleteSubrange(1, evidence.schedule_size() - 1);
  uint64_t drafted = 0, accepted = 0, chosen = 1;
  for (const Passes& entry : passes) {
    Evidence::ScheduleEntry& out = *evidence.add_schedule();
    out.set_kind("decode");
    out.set_steps(entry.steps);
    out.set_rows(entry.rows);
    out.set_logit_rows(entry.rows);
    if (entry.rejected > 0) out.set_rejected_rows(entry.rejected);
    drafted += entry.steps * (entry.rows - 1);
    accepted += entry.steps * (entry.rows - 1 - entry.rejected);
    chosen += entry.steps * (entry.rows - entry.rejected);
  }
  evidence.mutable_speculation()->set_max_draft(max_draft);
  evidence.mutable_speculation()->set_drafted(drafted);
  evidence.mutable_speculation()->set_accepted(accepted);
  receipt.set_tokens_requested(chosen + more_wanted);
  return RunCheck(CheckDraft, receipt);
}

TEST(L1DraftTest, PassesAreThoseThatTheAccountAllows) {
  EXPECT_EQ(CheckPasses({{1, 3}, {1, 5}, {1, 9}, {9, 16}}).status, CheckStatus::kPass);
  EXPECT_EQ(CheckPasses({{1, 2}, {1, 3}, {1, 5}}).status, CheckStatus::kPass) << "less is always allowed";
  EXPECT_EQ(CheckPasses({{2, 2, 1}, {30, 1}, {1, 2, 1}}).status, CheckStatus::kPass) << "32 tokens pay for a row";
  EXPECT_EQ(CheckPasses({{511, 1}, {1, 16, 15}}).status, CheckStatus::kPass);
}

// A plain run, told as one that computed several tokens in each pass, would be bounded less by what passes read.
TEST(L1DraftTest, APlainRunRetold) {
  EXPECT_EQ(CheckPasses({{8, 16}}).reason,
            "/evidence/schedule/1/rows is 16 in step 0; expected at most 3, one and what prompt lookup may draft after "
            "the steps before it");
  EXPECT_EQ(CheckPasses({{1, 5}, {1, 3}}).status, CheckStatus::kFail) << "the order counts";
  EXPECT_EQ(CheckPasses({{1, 3}, {2, 8}}).status, CheckStatus::kFail);
  EXPECT_EQ(CheckPasses({{3, 2, 1}}).reason,
            "/evidence/schedule/1/rows is 2 in step 2; expected at most 1, one and what prompt lookup may draft after "
            "the steps before it");
  EXPECT_EQ(CheckPasses({{2, 2, 1}, {29, 1}, {1, 2, 1}}).status, CheckStatus::kFail) << "31 tokens do not";
  EXPECT_EQ(CheckPasses({{9'000'000'000'000'000, 2, 1}}).status, CheckStatus::kFail);
}

TEST(L1DraftTest, NoDraftBeyondWhatIsWanted) {
  EXPECT_EQ(CheckPasses({{4, 1}, {1, 3, 2}}, 15, 2).status, CheckStatus::kPass);
  EXPECT_EQ(CheckPasses({{4, 1}, {1, 3, 2}}, 15, 1).reason,
            "/evidence/schedule/2/rows of step 0, with those after it is 3; expected at most 2, the tokens still asked "
            "for");
  EXPECT_EQ(CheckPasses({{4, 1}, {1, 3}}, 15, 0).status, CheckStatus::kPass);
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
