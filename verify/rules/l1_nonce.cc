// L1-NONCE (RS-151): the receipt answers the challenge that was made for this launch and for nothing else, so that it
// was written by this run and not kept from another. Needs no signature: the auditor saw the run.

#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckNonce(const AuditInput& input) {
  if (!input.artifacts.launch) return NotApplicable("the auditor launched nothing");
  RuleFacts facts(input);
  facts.ExpectEqual("/evidence/challenge/nonce", facts.Text("/evidence/challenge/nonce"),
                    input.artifacts.launch->nonce);
  return facts.Result(absl::StrCat("answers nonce ", input.artifacts.launch->nonce, " of this launch"));
}

}  // namespace bitnet::verify
