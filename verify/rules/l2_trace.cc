// L2-TRACE (RS-200): there is a trace commitment. What it must be, L1-TRACE says.

#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckCommitted(const AuditInput& input) {
  RuleFacts facts(input);
  const std::string_view root = facts.ExpectDigest("/evidence/trace/numerics_root");
  const uint64_t size = facts.Uint("/evidence/trace/size");
  facts.ExpectPositive("/evidence/trace/size", size);
  return facts.Result(absl::StrCat("committed to ", size, " positions with root ", root.substr(0, 16), ".."));
}

}  // namespace bitnet::verify
