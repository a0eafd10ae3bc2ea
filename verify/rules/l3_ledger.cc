// L3-LEDGER (RS-306): no receipt was accepted for this nonce before. Writing the nonce down is the caller's part, after
// the verdict.

#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/attest/ledger.h"
#include "bitnet/base/sha256.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckLedger(const AuditInput& input) {
  const Policy& policy = input.policy;
  if (input.artifacts.ledger == nullptr) {
    if (!policy.LedgerRequired()) return NotApplicable("the policy demands no ledger and none was given");
    return Missing("no ledger was given: name the file of nonces already seen with --ledger");
  }
  const attest::Ledger& ledger = *input.artifacts.ledger;
  RuleFacts facts(input);
  const std::string_view nonce = facts.Text("/evidence/challenge/nonce");
  if (const std::optional<LedgerHead>& head = policy.ledger_head) {
    facts.Expect(ledger.size() >= head->size && ledger.RootAt(head->size) == head->root, [&] {
      return absl::StrCat("the ledger has ", ledger.size(), " lines and root ", ledger.Root(),
                          "; the policy knew it with ", head->size, " and root ", head->root,
                          ": it was cut or is another one");
    });
  }
  const attest::LedgerEntry* seen = ledger.Find(nonce);
  facts.Expect(seen == nullptr, [&] {
    const bool same =
        input.envelope != nullptr && seen->receipt_sha256 == ToHex(Sha256Of(input.envelope->receipt_text()));
    return absl::StrCat("nonce ", nonce, " was taken at ", attest::FormatUtcSeconds(seen->time), " with ",
                        same ? "this receipt" : absl::StrCat("receipt ", seen->receipt_sha256),
                        "; a challenge is good for one receipt, once");
  });
  return facts.Result(absl::StrCat("not among ", ledger.size(), " nonces seen, root ", ledger.Root()));
}

}  // namespace bitnet::verify
