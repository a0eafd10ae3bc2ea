#include "bitnet/attest/dsse.h"

#include "absl/strings/str_cat.h"

namespace bitnet::attest {

std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload) {
  return absl::StrCat("DSSEv1 ", payload_type.size(), " ", payload_type, " ", payload.size(), " ", payload);
}

Envelope SignPayload(std::string_view payload, const PrivateKey& key) {
  return {std::string(payload), key.Sign(PreAuthEncoding(kPayloadType, payload)), key.Public().KeyId()};
}

absl::Status VerifyEnvelope(const Envelope& envelope, const PublicKey& key) {
  return key.Verify(PreAuthEncoding(kPayloadType, envelope.payload), envelope.signature);
}

}  // namespace bitnet::attest
