// L0-NUM (RS-004): numbers that every reader reads as the same value.

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/text_issues.h"

namespace bitnet::verify {

CheckResult CheckNum(const AuditInput& input) {
  const uint64_t numbers = input.document.census.numbers;
  if (input.document.json && numbers == 0) return Missing("there is no number in the text");
  return ReportIssues(input, JsonIssueKind::kNumber, numbers, absl::StrCat(numbers, " numbers, all in range"));
}

}  // namespace bitnet::verify
