#include "bitnet/attest/bundle.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/base64.h"
#include "bitnet/attest/strict_object.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet::attest {
namespace {

constexpr std::string_view kMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr JsonLimits kBundleLimits = {kMaxBundleBytes, 4};
constexpr size_t kMaxKeyIdBytes = 256;
constexpr size_t kSignatureBase64 = (kSignatureBytes + 2) / 3 * 4;

JsonValue Text(std::string_view text) { return JsonValue::String(std::string(text)); }

absl::StatusOr<std::string> Base64Member(StrictObject& object, std::string_view name, size_t max_text) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view text, object.Text(name, max_text));
  absl::StatusOr<std::string> bytes = DecodeBase64(text);
  if (!bytes.ok()) return object.Wrong(name, bytes.status().message());
  return bytes;
}

}  // namespace

std::string WriteBundle(const Envelope& envelope) {
  const JsonValue signature =
      JsonValue::MakeObject({{"sig", Text(EncodeBase64(envelope.signature))}, {"keyid", Text(envelope.key_id)}});
  return WritePrettyJson(JsonValue::MakeObject({
      {"mediaType", Text(kMediaType)},
      {"verificationMaterial",
       JsonValue::MakeObject({{"publicKey", JsonValue::MakeObject({{"hint", Text(envelope.key_id)}})}})},
      {"dsseEnvelope", JsonValue::MakeObject({{"payload", Text(EncodeBase64(envelope.payload))},
                                              {"payloadType", Text(kPayloadType)},
                                              {"signatures", JsonValue::MakeArray({signature})}})},
  }));
}

bool LooksLikeBundle(std::string_view text) {
  if (text.size() > kMaxBundleBytes) return false;
  for (const std::string_view name : {"mediaType", "dsseEnvelope"}) {
    // Most texts are receipts and need not be parsed for this. Who writes the name with escapes has no bundle, and no
    // receipt either.
    if (!absl::StrContains(text, absl::StrCat("\"", name, "\""))) continue;
    const absl::StatusOr<JsonValue> value = ParseJsonText(text);
    return value.ok() && (value->Find("mediaType") != nullptr || value->Find("dsseEnvelope") != nullptr);
  }
  return false;
}

absl::StatusOr<Envelope> ReadBundle(std::string_view text) {
  constexpr std::string_view kWhat = "bundle";
  BITNET_ASSIGN_OR_RETURN(const JsonValue value, ParseObject(kWhat, text, kBundleLimits));
  BITNET_ASSIGN_OR_RETURN(StrictObject bundle, StrictObject::Open(kWhat, "", value));
  BITNET_RETURN_IF_ERROR(bundle.Expect("mediaType", kMediaType));
  BITNET_ASSIGN_OR_RETURN(StrictObject material, bundle.Object("verificationMaterial"));
  BITNET_ASSIGN_OR_RETURN(StrictObject public_key, material.Object("publicKey"));
  BITNET_RETURN_IF_ERROR(public_key.Text("hint", kMaxKeyIdBytes).status());
  BITNET_RETURN_IF_ERROR(public_key.Finish());
  BITNET_RETURN_IF_ERROR(material.Finish());

  BITNET_ASSIGN_OR_RETURN(StrictObject dsse, bundle.Object("dsseEnvelope"));
  BITNET_RETURN_IF_ERROR(dsse.Expect("payloadType", kPayloadType));
  Envelope envelope;
  BITNET_ASSIGN_OR_RETURN(envelope.payload, Base64Member(dsse, "payload", (kMaxPayloadBytes + 2) / 3 * 4));
  BITNET_ASSIGN_OR_RETURN(std::vector<StrictObject> signatures, dsse.Objects("signatures", 1));
  StrictObject& signature = signatures.front();
  BITNET_ASSIGN_OR_RETURN(envelope.signature, Base64Member(signature, "sig", kSignatureBase64));
  if (envelope.signature.size() != kSignatureBytes) {
    return signature.Wrong("sig", absl::StrCat(envelope.signature.size(), " bytes; expected ", kSignatureBytes));
  }
  BITNET_ASSIGN_OR_RETURN(envelope.key_id, signature.Text("keyid", kMaxKeyIdBytes));
  BITNET_RETURN_IF_ERROR(signature.Finish());
  BITNET_RETURN_IF_ERROR(dsse.Finish());
  BITNET_RETURN_IF_ERROR(bundle.Finish());
  return envelope;
}

}  // namespace bitnet::attest
