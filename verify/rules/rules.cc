#include "verify/rules/rules.h"

namespace bitnet::verify {

std::span<const RuleInfo> RuleTable() {
  static constexpr RuleInfo kRules[] = {
#define RULE(symbol, id, level, need, clause, title) {id, Level::level, Need::need, clause, title, &Check##symbol},
#include "verify/rules/rules.def"
#undef RULE
  };
  return kRules;
}

const RuleInfo* FindRule(std::string_view id) {
  for (const RuleInfo& rule : RuleTable()) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

}  // namespace bitnet::verify
