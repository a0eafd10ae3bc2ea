// Signing and checking one payload as DSSE v1.0.2 does: over its pre-authentication encoding, which fixes where the
// type ends and the payload begins.

#ifndef BITNET_ATTEST_DSSE_H_
#define BITNET_ATTEST_DSSE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bitnet/attest/ed25519.h"

namespace bitnet::attest {

// The one type of payload that is signed or accepted here: an in-toto statement as JSON.
inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";

// "DSSEv1 <length of type> <type> <length of payload> <payload>", lengths in decimal, in bytes.
std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload);

// A payload of kPayloadType and the one signature over it.
struct Envelope {
  std::string payload;    // the bytes that were signed, decoded
  std::string signature;  // kSignatureBytes
  std::string key_id;     // what the writer calls the key: a hint for whoever has many, never a reason to trust
};

Envelope SignPayload(std::string_view payload, const PrivateKey& key);

// OK when the signature over the payload holds under `key`, whatever key_id says.
absl::Status VerifyEnvelope(const Envelope& envelope, const PublicKey& key);

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_DSSE_H_
