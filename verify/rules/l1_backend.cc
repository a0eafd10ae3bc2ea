// L1-BACKEND (RS-134): the backend is the one whose kernels ran, and one that the policy allows. Every kernel of the
// catalog runs on the CPU, so a receipt of another backend has none to show.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {

CheckResult CheckBackend(const AuditInput& input) {
  RuleFacts facts(input);
  const std::string_view backend = facts.Text("/backend");
  facts.ExpectEqual("/backend", backend, "cpu");
  const std::vector<std::string>& allowed = input.policy.allowed_backends;
  facts.Expect(std::find(allowed.begin(), allowed.end(), backend) != allowed.end(), [&] {
    return absl::StrCat("/backend is \"", backend,
                        "\"; expected one that the policy allows: ", absl::StrJoin(allowed, ", "));
  });
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  facts.ExpectPositive("the number of CPU kernels in /evidence/kernel_counts", claims.size());
  return facts.Result(absl::StrCat("backend \"cpu\", ", claims.size(), " CPU kernels"));
}

}  // namespace bitnet::verify
