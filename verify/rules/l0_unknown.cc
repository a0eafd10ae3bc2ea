// L0-UNKNOWN (RS-006): what an auditor does not know it cannot check, so a receipt has no members but those of the
// schema: there is no room for a claim that nobody holds to anything. `crit` names the members of `evidence` that every
// reader must understand, so that readers of other versions cannot ignore them.

#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/receipt/receipt.pb.h"
#include "verify/rules/rules.h"
#include "verify/rules/text_issues.h"

namespace bitnet::verify {

CheckResult CheckUnknown(const AuditInput& input) {
  if (input.document.HasIssue(JsonIssueKind::kUnknown)) return ReportIssues(input, JsonIssueKind::kUnknown, 0, "");
  if (!input.receipt().has_evidence()) return Missing("/evidence is absent; expected its `crit` list");
  const JsonValue& evidence = *input.document.json->AtPath("/evidence");
  const auto& known = *receipt::Evidence::descriptor();
  absl::flat_hash_set<std::string_view> seen;
  for (const std::string& name : input.receipt().evidence().crit()) {
    const std::string quoted = absl::StrCat("/evidence/crit names \"", absl::CHexEscape(name), "\"");
    if (known.FindFieldByName(name) == nullptr) return Fail(quoted + ", which this auditor does not understand");
    if (evidence.Find(name) == nullptr) return Fail(quoted + ", which is not there");
    if (!seen.insert(name).second) return Fail(quoted + " twice");
  }
  return Pass(1 + seen.size() + input.document.typed_members,
              absl::StrCat("every member is known, ", seen.size(), " critical"));
}

}  // namespace bitnet::verify
