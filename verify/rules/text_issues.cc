#include "verify/rules/text_issues.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace bitnet::verify {

CheckResult ReportIssues(const AuditInput& input, JsonIssueKind kind, uint64_t evidence, std::string pass_reason) {
  const JsonIssue* first = nullptr;
  uint64_t count = 0;
  for (const JsonIssue& issue : input.document.issues) {
    if (issue.kind != kind) continue;
    if (first == nullptr) first = &issue;
    ++count;
  }
  if (first != nullptr) {
    return Fail(absl::StrCat(first->path.empty() ? "" : first->path + ": ", first->message,
                             count > 1 ? absl::StrCat(" (and ", count - 1, " more)") : ""));
  }
  if (!input.document.json) return Inconclusive("reading stopped before this could be seen");
  return Pass(evidence, std::move(pass_reason));
}

}  // namespace bitnet::verify
