// L1-KAT (RS-140): the kernels computed rightly before they computed this run. The self-tests give one digest on every
// instruction set, so the auditor can hold a receipt to it without running a kernel: a build whose compiler or flags
// changed the arithmetic has another one.

#include "bitnet/kernels/catalog/kat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckKat(const AuditInput& input) {
  RuleFacts facts(input);
  facts.ExpectEqual("/evidence/build/kat_digest", facts.Text("/evidence/build/kat_digest"), kKatDigestHex);
  return facts.Result("kat_digest is that of right answers");
}

}  // namespace bitnet::verify
