// A rule: one thing that is checked, with an id that reports and fixtures name, and the clause that demands it.

#ifndef VERIFY_RULE_H_
#define VERIFY_RULE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "verify/audit_input.h"
#include "verify/policy.h"

namespace bitnet::verify {

enum class CheckStatus : uint8_t {
  kPass,
  kFail,           // the receipt contradicts the clause
  kNotApplicable,  // the clause does not speak about this receipt; says why
  kMissing,        // the receipt lacks what the check needs
  kInconclusive,   // present, but too little to decide
  kNotMeasured,    // the receipt itself says that it did not measure this
  kError,          // the check misbehaved: a pass without evidence
};

std::string_view CheckStatusName(CheckStatus status);  // "PASS", "NOT_MEASURED", ...

// What a rule returns. `evidence` counts the facts that were compared: a check that looked at nothing cannot pass, and
// the audit turns such a pass into an error.
struct CheckResult {
  CheckStatus status;
  uint64_t evidence = 0;
  std::string reason;  // one line: what was found, and for anything but a pass what was expected
};

inline CheckResult Pass(uint64_t evidence, std::string reason) {
  return {CheckStatus::kPass, evidence, std::move(reason)};
}
inline CheckResult Fail(std::string reason) { return {CheckStatus::kFail, 1, std::move(reason)}; }
inline CheckResult NotApplicable(std::string reason) { return {CheckStatus::kNotApplicable, 0, std::move(reason)}; }
inline CheckResult Missing(std::string reason) { return {CheckStatus::kMissing, 0, std::move(reason)}; }
inline CheckResult Inconclusive(std::string reason) { return {CheckStatus::kInconclusive, 0, std::move(reason)}; }
inline CheckResult NotMeasured(std::string reason) { return {CheckStatus::kNotMeasured, 0, std::move(reason)}; }

enum class Need : uint8_t {
  kReadable,     // about the text itself: runs first, and a failure means that there is no receipt to audit
  kRequired,     // must pass
  kConditional,  // must pass or be not applicable
  kLaunched,     // about a run that the auditor launched: must pass there, and is left out of every other audit
};

struct RuleInfo {
  std::string_view id;  // "L0-PATH"; its files are rules/l0_path.cc and rules/l0_path_test.cc
  Level level;
  Need need;
  std::string_view clause;  // of docs/receipt_spec.md, "RS-010"
  std::string_view title;
  CheckResult (*check)(const AuditInput& input);
};

// All rules in the order of rules/rules.def.
std::span<const RuleInfo> RuleTable();

// Null when there is no such rule.
const RuleInfo* FindRule(std::string_view id);

}  // namespace bitnet::verify

#endif  // VERIFY_RULE_H_
