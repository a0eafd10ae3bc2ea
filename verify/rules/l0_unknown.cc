// L0-UNKNOWN (RS-006): an auditor that does not know a member must be told whether it may ignore it. `crit` names the
// members of `evidence` that may not be ignored; everything else unknown is ignored, or refused under --strict.

#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/receipt/receipt.pb.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckUnknown(const AuditInput& input) {
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
  std::string unknown;
  for (const JsonIssue& issue : input.document.issues) {
    if (issue.kind == JsonIssueKind::kUnknown) absl::StrAppend(&unknown, unknown.empty() ? "" : " ", issue.path);
  }
  if (input.policy.strict && !unknown.empty()) return Fail(absl::StrCat("unknown members under strict: ", unknown));
  return Pass(1 + seen.size() + input.document.typed_members,
              unknown.empty() ? absl::StrCat("every member is known, ", seen.size(), " critical")
                              : absl::StrCat("ignored, none of them critical: ", unknown));
}

}  // namespace bitnet::verify
