// Sigstore bundle v0.3 around a DSSE envelope that was signed with a key of its owner: no certificate, no log entry.
//
//   {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
//    "verificationMaterial": {"publicKey": {"hint": <key id>}},
//    "dsseEnvelope": {"payload": <base64>, "payloadType": "application/vnd.in-toto+json",
//                     "signatures": [{"sig": <base64>, "keyid": <key id>}]}}

#ifndef BITNET_ATTEST_BUNDLE_H_
#define BITNET_ATTEST_BUNDLE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/attest/dsse.h"

namespace bitnet::attest {

// A receipt of 64 KiB, every byte of it escaped into two, in base64, and room for the rest.
inline constexpr size_t kMaxPayloadBytes = 160 * 1024;
inline constexpr size_t kMaxBundleBytes = 256 * 1024;

std::string WriteBundle(const Envelope& envelope);

// Whether `text` means to be a bundle and no receipt: an object with a "mediaType" or a "dsseEnvelope". Says nothing
// about whether it is a right one.
bool LooksLikeBundle(std::string_view text);

// Strict: every member above is there, no other is, nothing is there twice, base64 is canonical, the signature is one
// and of 64 bytes. InvalidArgument says where and what was expected. Nothing about who signed has been checked then.
absl::StatusOr<Envelope> ReadBundle(std::string_view text);

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_BUNDLE_H_
