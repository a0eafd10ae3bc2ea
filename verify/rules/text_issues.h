// The rules about the text report what the reader found.

#ifndef VERIFY_RULES_TEXT_ISSUES_H_
#define VERIFY_RULES_TEXT_ISSUES_H_

#include <string>

#include "bitnet/receipt/json_reader.h"
#include "verify/audit_input.h"
#include "verify/rule.h"

namespace bitnet::verify {

// FAIL with the first issue of `kind` and how many more there are; INCONCLUSIVE when reading stopped for another
// reason before this kind could be seen; otherwise PASS with `evidence` and `pass_reason`.
CheckResult ReportIssues(const AuditInput& input, JsonIssueKind kind, uint64_t evidence, std::string pass_reason);

}  // namespace bitnet::verify

#endif  // VERIFY_RULES_TEXT_ISSUES_H_
