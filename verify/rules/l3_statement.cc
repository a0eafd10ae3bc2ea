// L3-STATEMENT (RS-301): what was signed is one statement about one receipt, and says nothing else.

#include <string>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckStatement(const AuditInput& input) {
  if (input.envelope == nullptr) return Missing("there is no envelope");
  if (!input.envelope->envelope.ok()) return Missing("not run: the envelope is malformed");
  const auto& statement = input.envelope->statement;
  if (!statement.ok()) return Fail(std::string(statement.status().message()));
  return Pass(1,
              absl::StrCat("in-toto statement with 4 subjects and a receipt of ", statement->receipt.size(), " bytes"));
}

}  // namespace bitnet::verify
