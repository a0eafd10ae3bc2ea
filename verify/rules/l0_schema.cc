// L0-SCHEMA (RS-007): the versions that this auditor was written for, exactly.

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckSchema(const AuditInput& input) {
  const receipt::Receipt& receipt = input.receipt();
  if (!receipt.has_schema_version()) return Fail("/schema_version is absent; expected \"1.0.0\"");
  if (receipt.schema_version() != "1.0.0") {
    return Fail(
        absl::StrCat("/schema_version is \"", absl::CHexEscape(receipt.schema_version()), "\"; expected \"1.0.0\""));
  }
  if (!receipt.has_evidence()) return Missing("/evidence is absent; without it nothing can be checked");
  if (!receipt.evidence().has_evidence_version()) return Missing("/evidence/evidence_version is absent");
  if (receipt.evidence().evidence_version() != "1") {
    return Fail(absl::StrCat("/evidence/evidence_version is \"",
                             absl::CHexEscape(receipt.evidence().evidence_version()), "\"; expected \"1\""));
  }
  return Pass(2, "schema 1.0.0, evidence 1");
}

}  // namespace bitnet::verify
