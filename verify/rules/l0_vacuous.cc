// L0-VACUOUS (RS-016): a run that produced nothing has no rate, and a rate of zero is not a slow measurement.

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckVacuous(const AuditInput& input) {
  const receipt::Receipt& receipt = input.receipt();
  if (!receipt.has_tokens_generated()) return Missing("/tokens_generated is absent");
  if (!receipt.has_tokens_per_second()) return Missing("/tokens_per_second is absent");
  if (receipt.tokens_generated() < input.policy.min_tokens) {
    return Fail(absl::StrCat("/tokens_generated is ", receipt.tokens_generated(), "; the policy asks for at least ",
                             input.policy.min_tokens));
  }
  const bool not_measured = receipt.evidence().perf().status() == "not_measured";
  if (receipt.tokens_per_second() == 0 && !not_measured) {
    return Fail(absl::StrCat("/tokens_per_second is 0 for ", receipt.tokens_generated(),
                             " tokens, and /evidence/perf/status does not say \"not_measured\""));
  }
  return Pass(2, absl::StrCat(receipt.tokens_generated(), " tokens", not_measured ? ", rate not measured" : ""));
}

}  // namespace bitnet::verify
