// L3-DSSE (RS-300): the receipt comes in one envelope of one form, with one signature.

#include <string>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckDsse(const AuditInput& input) {
  if (input.envelope == nullptr) {
    return Missing("the text is a receipt without an envelope; xtask sign puts one around it");
  }
  const auto& envelope = input.envelope->envelope;
  if (!envelope.ok()) return Fail(std::string(envelope.status().message()));
  return Pass(1, absl::StrCat("one envelope, one signature, ", envelope->payload.size(), " bytes of payload"));
}

}  // namespace bitnet::verify
