#include "verify/compare/manifest_envelope.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/statement.h"
#include "bitnet/attest/strict_object.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/compare/manifest.h"

namespace bitnet::verify {
namespace {

using attest::StrictObject;

constexpr std::string_view kSubject = "baseline";
// A manifest with every byte escaped, and the rest of the statement.
constexpr JsonLimits kStatementLimits = {2 * kMaxManifestBytes + 4096, 5};

JsonValue Text(std::string_view text) { return JsonValue::String(std::string(text)); }

std::string WriteStatement(std::string_view manifest) {
  const JsonValue digest = JsonValue::MakeObject({{"sha256", Text(ToHex(Sha256Of(manifest)))}});
  JsonValue::Array subjects;
  subjects.push_back(JsonValue::MakeObject({{"name", Text(kSubject)}, {"digest", digest}}));
  return CanonicalJson(JsonValue::MakeObject({
      {"_type", Text(attest::kStatementType)},
      {"subject", JsonValue::MakeArray(std::move(subjects))},
      {"predicateType", Text(kManifestPredicateType)},
      {"predicate", JsonValue::MakeObject({{"manifest", Text(manifest)}})},
  }));
}

// The manifest's text, whose digest must be the subject's.
absl::StatusOr<std::string> ReadStatement(std::string_view payload) {
  constexpr std::string_view kWhat = "statement";
  BITNET_ASSIGN_OR_RETURN(const JsonValue value, attest::ParseObject(kWhat, payload, kStatementLimits));
  BITNET_ASSIGN_OR_RETURN(StrictObject object, StrictObject::Open(kWhat, "", value));
  BITNET_RETURN_IF_ERROR(object.Expect("_type", attest::kStatementType));
  BITNET_RETURN_IF_ERROR(object.Expect("predicateType", kManifestPredicateType));
  BITNET_ASSIGN_OR_RETURN(std::vector<StrictObject> subjects, object.Objects("subject", 1));
  BITNET_ASSIGN_OR_RETURN(StrictObject predicate, object.Object("predicate"));
  BITNET_ASSIGN_OR_RETURN(const std::string_view manifest, predicate.Text("manifest", kMaxManifestBytes));
  BITNET_RETURN_IF_ERROR(predicate.Finish());
  BITNET_RETURN_IF_ERROR(subjects[0].Expect("name", kSubject));
  BITNET_ASSIGN_OR_RETURN(StrictObject digest, subjects[0].Object("digest"));
  BITNET_RETURN_IF_ERROR(digest.Expect("sha256", ToHex(Sha256Of(manifest))));
  BITNET_RETURN_IF_ERROR(digest.Finish());
  BITNET_RETURN_IF_ERROR(subjects[0].Finish());
  BITNET_RETURN_IF_ERROR(object.Finish());
  return std::string(manifest);
}

}  // namespace

std::string SignManifest(std::string_view manifest, const attest::PrivateKey& key) {
  return attest::WriteBundle(attest::SignPayload(WriteStatement(manifest), key));
}

absl::StatusOr<SignedManifest> OpenSignedManifest(std::string_view bundle, std::span<const attest::PublicKey> trusted) {
  BITNET_ASSIGN_OR_RETURN(const attest::Envelope envelope, attest::ReadBundle(bundle));
  // The signature first: only what is signed is read any further.
  for (const attest::PublicKey& key : trusted) {
    if (!attest::VerifyEnvelope(envelope, key).ok()) continue;
    BITNET_ASSIGN_OR_RETURN(std::string manifest, ReadStatement(envelope.payload));
    return SignedManifest{std::move(manifest), key.KeyId()};
  }
  return absl::UnauthenticatedError(
      absl::StrCat("the signature holds under none of the ", trusted.size(), " trusted keys"));
}

}  // namespace bitnet::verify
