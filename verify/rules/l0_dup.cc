// L0-DUP (RS-003): no reader can choose which of two members counts.

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/text_issues.h"

namespace bitnet::verify {

CheckResult CheckDup(const AuditInput& input) {
  const uint64_t members = input.document.census.members;
  return ReportIssues(input, JsonIssueKind::kDuplicate, members + 1,
                      absl::StrCat(members, " members, all with names of their own"));
}

}  // namespace bitnet::verify
