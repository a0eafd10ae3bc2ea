// L1-DRAFT (RS-115): tokens that were drafted and verified, several in one pass, are said to be, their numbers are
// those of the schedule, and no pass drafted more than the account of prompt lookup allowed after the passes before it.
// A decode pass of n rows feeds the token chosen last and n - 1 drafts.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/draft_account.h"
#include "bitnet/kernels/catalog/work.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// Follows the account through the decode passes up to the first that drafted more than it allowed, or more than could
// be wanted of it.
void ExpectWithinAccount(std::span<const ScheduleEntry> schedule, uint64_t max_draft, uint64_t requested,
                         RuleFacts& facts) {
  DraftAccount account(max_draft);
  uint64_t chosen = 1;  // by the last row of the prompt
  for (size_t i = 0; i < schedule.size(); ++i) {
    const ScheduleEntry& entry = schedule[i];
    if (entry.kind != StepKind::kDecode) continue;
    // Passes that kept all of their rows allow as many again; with any other, the account is soon used up.
    const uint64_t at_once = entry.rejected_rows == 0 ? entry.steps : 1;
    for (uint64_t pass = 0; pass < entry.steps; pass += at_once) {
      facts.Expect(entry.rows - 1 <= account.Limit(), [&] {
        return absl::StrCat("/evidence/schedule/", i, "/rows is ", entry.rows, " in step ", pass, "; expected at most ",
                            account.Limit() + 1, ", one and what prompt lookup may draft after the steps before it");
      });
      const uint64_t wanted = requested > chosen ? requested - chosen : 0;
      facts.ExpectAtMost(absl::StrCat("/evidence/schedule/", i, "/rows of step ", pass, ", with those after it"),
                         SaturatingProduct(at_once, entry.rows), wanted, "the tokens still asked for");
      if (!facts.ok()) return;
      chosen += at_once * entry.kept_rows();
      account.OnPasses(at_once, entry.rows, entry.kept_rows());
    }
  }
}

}  // namespace

CheckResult CheckDraft(const AuditInput& input) {
  RuleFacts facts(input);
  const std::vector<ScheduleEntry> schedule = ReadSchedule(facts);
  uint64_t drafted = 0;
  uint64_t accepted = 0;
  uint64_t longest = 0;
  for (const ScheduleEntry& entry : schedule) {
    if (entry.kind != StepKind::kDecode || entry.rows < 2) continue;
    drafted = SaturatingSum(drafted, SaturatingProduct(entry.steps, entry.rows - 1));
    accepted = SaturatingSum(accepted, SaturatingProduct(entry.steps, entry.kept_rows() - 1));
    longest = std::max(longest, entry.rows - 1);
  }
  if (drafted == 0 && !facts.Has("/evidence/speculation") && facts.ok()) {
    return NotApplicable("every token was computed in a pass of its own");
  }
  bool critical = false;
  for (const std::string_view member : facts.Texts("/evidence/crit")) critical |= member == "speculation";
  facts.Expect(critical, [] {
    return std::string(
        "/evidence/crit does not list \"speculation\": a reader must know that passes chose more tokens than one");
  });
  facts.ExpectEqual("/evidence/speculation/method", facts.Text("/evidence/speculation/method"), "prompt_lookup");
  const uint64_t max_draft = facts.Uint("/evidence/speculation/max_draft");
  const uint64_t requested = facts.Uint("/tokens_requested");
  const uint64_t said_drafted = facts.Uint("/evidence/speculation/drafted");
  const uint64_t said_accepted = facts.Uint("/evidence/speculation/accepted");
  if (!facts.ok()) return facts.Result("");

  facts.ExpectPositive("/evidence/speculation/drafted", said_drafted);
  facts.ExpectAtMost("/evidence/speculation/max_draft", max_draft, kMaxDecodeRows - 1, "what a pass verifies");
  facts.ExpectAtMost("drafted rows of a pass in /evidence/schedule", longest, max_draft,
                     "/evidence/speculation/max_draft");
  if (facts.ok()) ExpectWithinAccount(schedule, max_draft, requested, facts);
  facts.ExpectEqual("/evidence/speculation/drafted", said_drafted, drafted, "rows of the schedule beyond one a pass");
  facts.ExpectEqual("/evidence/speculation/accepted", said_accepted, accepted, "those of them that were kept");
  return facts.Result(absl::StrCat(accepted, " of ", drafted, " drafted tokens were what the model chose"));
}

}  // namespace bitnet::verify
