// L0-TYPE (RS-005): "128" is not 128, 1.0 is not 1, and null is not a value.

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/text_issues.h"

namespace bitnet::verify {

CheckResult CheckType(const AuditInput& input) {
  const uint64_t members = input.document.typed_members;
  CheckResult result = ReportIssues(input, JsonIssueKind::kType, members,
                                    absl::StrCat(members, " members have the types of the schema"));
  if (result.status == CheckStatus::kPass && members == 0) return Missing("no member of the schema is there");
  return result;
}

}  // namespace bitnet::verify
