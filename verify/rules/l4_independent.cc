// L4-INDEPENDENT (RS-401): code that shares nothing with the engine agrees with every position.

#include <string>

#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckIndependent(const AuditInput& input) {
  if (!input.artifacts.independent) return NotApplicable("no independent recomputation was asked for (--independent)");
  const IndependentArtifact& audit = *input.artifacts.independent;
  if (!audit.error.empty()) return Missing(absl::StrCat("it could not be recomputed independently: ", audit.error));
  RuleFacts facts(input);
  facts.ExpectEqual("/evidence/model/file_sha256", facts.Text("/evidence/model/file_sha256"), audit.file_sha256);
  facts.Expect(audit.first_difference.empty(), [&] {
    return absl::StrCat("the independent recomputation differs first at ", audit.first_difference);
  });
  const uint64_t size = facts.Uint("/evidence/trace/size");
  const uint64_t generated = facts.Uint("/evidence/tokens/generated");
  if (facts.ok()) {
    facts.ExpectEqual("/evidence/trace/size", size, audit.positions, "positions recomputed independently");
    facts.ExpectEqual("/evidence/tokens/generated", generated, audit.choices, "choices in what was recomputed");
  }
  const std::string coverage =
      absl::StrCat(audit.positions, " positions, ", audit.products, " rows of ternary products (a wrong one missed with ",
                   "a chance below 2^-", audit.error_bits, "), logits of ", audit.choices_compared, " of ",
                   audit.choices, " choices");
  if (facts.ok() && audit.choices_compared < audit.choices) {
    return Inconclusive(absl::StrCat("a sample: ", coverage));
  }
  return facts.Result(coverage);
}

}  // namespace bitnet::verify
