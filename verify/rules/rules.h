// Declarations of every rule: CheckResult Check<Symbol>(const AuditInput&), one per row of rules.def.

#ifndef VERIFY_RULES_RULES_H_
#define VERIFY_RULES_RULES_H_

#include "verify/audit_input.h"
#include "verify/rule.h"

namespace bitnet::verify {

#define RULE(symbol, id, level, need, clause, title) CheckResult Check##symbol(const AuditInput& input);
#include "verify/rules/rules.def"
#undef RULE

}  // namespace bitnet::verify

#endif  // VERIFY_RULES_RULES_H_
