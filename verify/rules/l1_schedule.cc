// L1-SCHEDULE (RS-112): evidence.schedule is well formed and in its one canonical form, so that equal runs have equal
// schedules: prefill before decode, every row of prefill kept, every row of decode with logits, neighbours merged when
// they are equal.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {

CheckResult CheckSchedule(const AuditInput& input) {
  RuleFacts facts(input);
  const std::vector<ScheduleEntry> schedule = ReadSchedule(facts);
  if (!facts.ok()) return facts.Result("");

  facts.Expect(!schedule.empty() && schedule.front().kind == StepKind::kPrefill, [] {
    return std::string("/evidence/schedule does not begin with a prefill step; expected the prompt to be computed");
  });
  for (size_t i = 0; i < schedule.size(); ++i) {
    const ScheduleEntry& entry = schedule[i];
    const std::string path = absl::StrCat("/evidence/schedule/", i);
    if (entry.kind == StepKind::kDecode) {
      facts.ExpectEqual(path + "/logit_rows", entry.logit_rows, entry.rows, "every row of a decode step may choose");
    } else {
      facts.Expect(entry.rejected_rows == 0, [&] {
        return absl::StrCat(path, "/rejected_rows is ", entry.rejected_rows,
                            " of a prefill step; expected none, for a prompt is not drafted");
      });
    }
    if (i == 0) continue;
    const ScheduleEntry& before = schedule[i - 1];
    facts.Expect(!(before.kind == StepKind::kDecode && entry.kind == StepKind::kPrefill), [&] {
      return absl::StrCat(path, "/kind is \"prefill\" after a decode step; expected prefill before decode");
    });
    facts.Expect(
        before.kind != entry.kind || before.rows != entry.rows || before.logit_rows != entry.logit_rows ||
            before.rejected_rows != entry.rejected_rows,
        [&] { return absl::StrCat(path, " equals the entry before it; expected one entry with the steps of both"); });
  }
  return facts.Result(absl::StrCat("a canonical schedule of ", schedule.size(), " entries"));
}

}  // namespace bitnet::verify
