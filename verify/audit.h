// The audit: every rule up to the policy's level, then one verdict.

#ifndef VERIFY_AUDIT_H_
#define VERIFY_AUDIT_H_

#include <span>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "verify/artifacts.h"
#include "verify/policy.h"
#include "verify/rule.h"

namespace bitnet::verify {

enum class Verdict : uint8_t {
  kAccept,        // every required check passed
  kReject,        // some check failed
  kMalformed,     // the text cannot be read as one receipt
  kUnverifiable,  // nothing is wrong, but something required is not established
};

std::string_view VerdictName(Verdict verdict);  // "ACCEPT"
int VerdictExitCode(Verdict verdict);           // 0 accept, 1 reject, 2 malformed, 3 unverifiable

struct CheckReport {
  const RuleInfo* rule;  // never null
  CheckResult result;
  bool blocks = false;  // keeps the verdict from being ACCEPT
};

struct AuditReport {
  Level level = Level::kL0;  // that was audited
  bool strict = false;
  Verdict verdict = Verdict::kUnverifiable;
  std::vector<CheckReport> checks;  // in the order of rules.def
};

// `text` is a receipt or a signed envelope around one. Never fails: a text that is neither gets a report that says so.
// Pure.
AuditReport AuditReceiptText(std::string_view text, const Policy& policy, absl::Time now,
                             const Artifacts& artifacts = {});

// The same with other rules, for tests of the audit itself.
AuditReport AuditWithRules(std::span<const RuleInfo> rules, std::string_view text, const Policy& policy, absl::Time now,
                           const Artifacts& artifacts = {});

}  // namespace bitnet::verify

#endif  // VERIFY_AUDIT_H_
