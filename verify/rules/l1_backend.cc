// L1-BACKEND (RS-134): the backend is the one whose kernels ran. Every kernel of the catalog runs on the CPU, so a
// receipt of another backend has none to show.

#include <vector>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {

CheckResult CheckBackend(const AuditInput& input) {
  RuleFacts facts(input);
  facts.ExpectEqual("/backend", facts.Text("/backend"), "cpu");
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  facts.ExpectPositive("the number of CPU kernels in /evidence/kernel_counts", claims.size());
  return facts.Result(absl::StrCat("backend \"cpu\", ", claims.size(), " CPU kernels"));
}

}  // namespace bitnet::verify
