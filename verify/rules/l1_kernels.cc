// L1-KERNELS (RS-111): kernels[] is derived from evidence.kernel_counts, never written by itself: the op ids of every
// kernel that was called, in the order of the catalog.

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {

CheckResult CheckKernels(const AuditInput& input) {
  RuleFacts facts(input);
  const std::vector<std::string_view> listed = facts.Texts("/kernels");
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  if (!facts.ok()) return facts.Result("");

  bool ran[kOpCount] = {};
  for (const KernelClaim& claim : claims) ran[static_cast<int>(claim.info->op)] |= claim.work.calls > 0;
  std::vector<std::string_view> expected;
  for (int op = 0; op < kOpCount; ++op) {
    if (ran[op]) expected.push_back(OpReceiptId(static_cast<Op>(op)));
  }
  facts.Expect(!expected.empty(), [] { return std::string("/evidence/kernel_counts counts no call of any kernel"); });
  facts.Expect(listed == expected, [&] {
    return absl::StrCat("/kernels is [", absl::StrJoin(listed, ","), "]; expected [", absl::StrJoin(expected, ","),
                        "], the ops of /evidence/kernel_counts");
  });
  return facts.Result(absl::StrCat("/kernels is the ", expected.size(), " ops that kernel_counts counts"));
}

}  // namespace bitnet::verify
