#include "verify/rules/text_issues.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace bitnet::verify {

CheckResult ReportIssues(const AuditInput& input, JsonIssueKind kind, uint64_t evidence, std::string pass_reason) {
  const uint64_t count = input.document.issues.Count(kind);
  for (const JsonIssue& issue : input.document.issues) {
    if (issue.kind != kind) continue;
    return Fail(absl::StrCat(issue.path.empty() ? "" : issue.path + ": ", issue.message,
                             count > 1 ? absl::StrCat(" (and ", count - 1, " more)") : ""));
  }
  if (!input.document.json) return Inconclusive("reading stopped before this could be seen");
  return Pass(evidence, std::move(pass_reason));
}

}  // namespace bitnet::verify
