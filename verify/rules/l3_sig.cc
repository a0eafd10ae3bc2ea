// L3-SIG (RS-302): the signature over the payload holds under a key that the policy trusts. What the envelope says
// about the key is a hint and decides nothing.

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/ed25519.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckSig(const AuditInput& input) {
  if (input.envelope == nullptr || !input.envelope->envelope.ok()) return Missing("there is no envelope to check");
  if (input.policy.keys.empty()) {
    return Missing("the policy trusts no key: name the signer's public key with --key or in the policy's \"keys\"");
  }
  const attest::Envelope& envelope = *input.envelope->envelope;
  std::vector<std::string> tried;
  for (const attest::PublicKey& key : input.policy.keys) {
    const absl::Status status = attest::VerifyEnvelope(envelope, key);
    if (status.ok()) return Pass(1, absl::StrCat("signed by key ", key.KeyId()));
    if (tried.empty() || key.KeyId() == envelope.key_id) {
      tried = {absl::StrCat(key.KeyId(), ": ", status.message())};
    }
  }
  return Fail(absl::StrCat("no key of the policy (", input.policy.keys.size(), ") made this signature; key ",
                           absl::StrJoin(tried, ", "), "; the envelope names key \"", absl::CHexEscape(envelope.key_id),
                           "\""));
}

}  // namespace bitnet::verify
