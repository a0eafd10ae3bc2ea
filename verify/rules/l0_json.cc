// L0-JSON (RS-001): one object in strict JSON. What readers may take in different ways is no statement.

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/text_issues.h"

namespace bitnet::verify {

CheckResult CheckJson(const AuditInput& input) {
  const uint64_t bytes = input.document.census.bytes;
  return ReportIssues(input, JsonIssueKind::kSyntax, bytes, absl::StrCat(bytes, " bytes are one JSON object in UTF-8"));
}

}  // namespace bitnet::verify
