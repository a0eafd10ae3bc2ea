// L2-TREE (RS-202): the commitment file is what lies below this receipt's numerics root.

#include <string>

#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/commitment_file.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckTree(const AuditInput& input) {
  if (!input.artifacts.commitment) return NotApplicable("no commitment file was given");
  const Commitment& commitment = *input.artifacts.commitment;
  RuleFacts facts(input);
  const CommitmentRoots roots = RootsOf(commitment);
  facts.ExpectEqual("/evidence/trace/session", facts.Text("/evidence/trace/session"), ToHex(commitment.session));
  facts.ExpectEqual("/evidence/trace/size", facts.Uint("/evidence/trace/size"), roots.size,
                    "positions in the commitment file");
  facts.ExpectEqual("/evidence/trace/numerics_root", facts.Text("/evidence/trace/numerics_root"),
                    ToHex(roots.numerics_root));
  facts.ExpectEqual("/evidence/model/arch/layers", facts.Uint("/evidence/model/arch/layers"), commitment.layers,
                    "layers in the commitment file");
  const uint64_t reused = facts.Uint("/evidence/tokens/kv_reused");
  facts.ExpectEqual("/evidence/tokens/kv_reused", reused, commitment.numerics.front().position,
                    "the first position of the commitment file");
  return facts.Result(absl::StrCat(roots.size, " leaves of ", commitment.layers, " layers hash to the root"));
}

}  // namespace bitnet::verify
