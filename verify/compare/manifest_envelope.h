// A manifest under a signature: a bundle as receipts have it (bitnet/attest/bundle.h), whose in-toto statement is
//
//   {"_type": "https://in-toto.io/Statement/v1",
//    "subject": [{"name": "baseline", "digest": {"sha256": <of the manifest's text>}}],
//    "predicateType": kManifestPredicateType, "predicate": {"manifest": <the manifest's text, as one string>}}
//
// The predicate type keeps the two apart: no signature of a receipt can be taken for one of a baseline.

#ifndef VERIFY_COMPARE_MANIFEST_ENVELOPE_H_
#define VERIFY_COMPARE_MANIFEST_ENVELOPE_H_

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/attest/ed25519.h"

namespace bitnet::verify {

inline constexpr std::string_view kManifestPredicateType = "urn:uuid:4466538c-73bd-45a9-a3de-a8dba74ceec7";

// The bundle's text.
std::string SignManifest(std::string_view manifest, const attest::PrivateKey& key);

struct SignedManifest {
  std::string manifest;  // its text
  std::string key_id;    // of the trusted key under which the signature holds
};

// Strict. The signature must hold under one of `trusted`, whatever the bundle says of its key. InvalidArgument for what
// is no bundle of a manifest, Unauthenticated when no trusted key fits.
absl::StatusOr<SignedManifest> OpenSignedManifest(std::string_view bundle, std::span<const attest::PublicKey> trusted);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_MANIFEST_ENVELOPE_H_
