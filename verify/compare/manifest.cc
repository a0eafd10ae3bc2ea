#include "verify/compare/manifest.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/attest/strict_object.h"
#include "bitnet/base/merkle.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet::verify {
namespace {

using attest::StrictObject;

constexpr std::string_view kVersion = "1";
constexpr JsonLimits kLimits = {kMaxManifestBytes, 4};
constexpr size_t kMaxFileName = 64;
constexpr size_t kDigestDigits = 64;

// A name that stays in its folder, is no option and reads the same everywhere.
bool IsFileName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxFileName &&
         absl::ascii_isalnum(static_cast<unsigned char>(name.front())) &&
         std::ranges::all_of(
             name, [](unsigned char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; });
}

// What is wrong with a manifest whose texts are of the right form; "" when nothing is.
std::string Objection(const Manifest& manifest) {
  if (manifest.expires <= manifest.created) return "expires is not after created";
  const size_t size = manifest.receipts.size();
  if (size < 2 || size > kMaxManifestReceipts) {
    return absl::StrCat(size, " receipts; expected 2 to ", kMaxManifestReceipts);
  }
  for (const std::string* digest : {&manifest.machine, &manifest.model, &manifest.workload}) {
    if (!attest::IsLowerHex(*digest, kDigestDigits)) return absl::StrCat("\"", absl::CHexEscape(*digest), "\" is no digest");
  }
  std::set<std::string_view> files, digests;
  for (const ManifestEntry& entry : manifest.receipts) {
    if (!IsFileName(entry.file)) {
      return absl::StrCat("file \"", absl::CHexEscape(entry.file),
                          "\"; expected a name of letters, digits, '.', '_' and '-' that begins with one of the first "
                          "two, at most ",
                          kMaxFileName, " long");
    }
    if (!files.insert(entry.file).second) return absl::StrCat("file ", entry.file, " is there twice");
    if (!attest::IsLowerHex(entry.sha256, kDigestDigits)) {
      return absl::StrCat("\"", absl::CHexEscape(entry.sha256), "\" is no digest");
    }
    if (!digests.insert(entry.sha256).second) return absl::StrCat("a receipt is there twice, as ", entry.file);
  }
  return "";
}

absl::StatusOr<std::string> DigestMember(StrictObject& object, std::string_view name) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view text, object.Text(name, kDigestDigits));
  if (!attest::IsLowerHex(text, kDigestDigits)) return object.Wrong(name, "expected 64 lower-case hexadecimal digits");
  return std::string(text);
}

absl::StatusOr<absl::Time> TimeMember(StrictObject& object, std::string_view name) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view text, object.Text(name, kMaxFileName));
  const absl::StatusOr<absl::Time> time = attest::ParseUtcSeconds(text);
  return time.ok() ? time : object.Wrong(name, time.status().message());
}

absl::StatusOr<std::vector<ManifestEntry>> ReadReceipts(const JsonValue& value, StrictObject& object) {
  const JsonValue* array = value.Find("receipts");
  const size_t size = array != nullptr && array->is_array() ? array->array().size() : 0;
  BITNET_ASSIGN_OR_RETURN(std::vector<StrictObject> items, object.Objects("receipts", size));
  std::vector<ManifestEntry> receipts;
  for (StrictObject& item : items) {
    ManifestEntry entry;
    BITNET_ASSIGN_OR_RETURN(entry.file, item.Text("file", kMaxFileName));
    BITNET_ASSIGN_OR_RETURN(entry.sha256, DigestMember(item, "sha256"));
    BITNET_RETURN_IF_ERROR(item.Finish());
    receipts.push_back(std::move(entry));
  }
  return receipts;
}

JsonValue Text(std::string_view text) { return JsonValue::String(std::string(text)); }

}  // namespace

std::string WorkloadDigest(const MeasuredRun& run) {
  return ToHex(
      Sha256Of(absl::StrCat(run.workload, "\nschedule ", run.schedule, "\nthreads ", run.threads.value_or(0), "\n")));
}

std::string ManifestRoot(std::span<const ManifestEntry> receipts) {
  MerkleTree tree;
  for (const ManifestEntry& entry : receipts) {
    std::string digest;
    CHECK(absl::HexStringToBytes(entry.sha256, &digest)) << entry.sha256;
    tree.Add(MerkleLeaf({reinterpret_cast<const uint8_t*>(digest.data()), digest.size()}));
  }
  return ToHex(tree.Root());
}

absl::StatusOr<Manifest> MakeManifest(std::span<const MeasuredRun> runs, absl::Time now, absl::Duration lifetime) {
  Manifest manifest;
  manifest.created = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  manifest.expires = manifest.created + absl::Floor(lifetime, absl::Seconds(1));
  for (const MeasuredRun& run : runs) manifest.receipts.push_back({run.source, run.receipt_sha256});
  if (!runs.empty()) {
    manifest.machine = runs.front().machine;
    manifest.model = runs.front().ternary_digest;
    manifest.workload = WorkloadDigest(runs.front());
  }
  if (const std::string objection = Objection(manifest); !objection.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("manifest: ", objection));
  }
  return manifest;
}

std::string WriteManifest(const Manifest& manifest) {
  JsonValue::Array receipts;
  for (const ManifestEntry& entry : manifest.receipts) {
    receipts.push_back(JsonValue::MakeObject({{"file", Text(entry.file)}, {"sha256", Text(entry.sha256)}}));
  }
  return WritePrettyJson(JsonValue::MakeObject({
      {"manifest_version", Text(kVersion)},
      {"created", Text(attest::FormatUtcSeconds(manifest.created))},
      {"expires", Text(attest::FormatUtcSeconds(manifest.expires))},
      {"machine", Text(manifest.machine)},
      {"model", Text(manifest.model)},
      {"workload", Text(manifest.workload)},
      {"receipts", JsonValue::MakeArray(std::move(receipts))},
      {"root", Text(ManifestRoot(manifest.receipts))},
  }));
}

absl::StatusOr<Manifest> ReadManifest(std::string_view text) {
  constexpr std::string_view kWhat = "manifest";
  BITNET_ASSIGN_OR_RETURN(const JsonValue value, attest::ParseObject(kWhat, text, kLimits));
  BITNET_ASSIGN_OR_RETURN(StrictObject object, StrictObject::Open(kWhat, "", value));
  BITNET_RETURN_IF_ERROR(object.Expect("manifest_version", kVersion));
  Manifest manifest;
  BITNET_ASSIGN_OR_RETURN(manifest.created, TimeMember(object, "created"));
  BITNET_ASSIGN_OR_RETURN(manifest.expires, TimeMember(object, "expires"));
  BITNET_ASSIGN_OR_RETURN(manifest.machine, DigestMember(object, "machine"));
  BITNET_ASSIGN_OR_RETURN(manifest.model, DigestMember(object, "model"));
  BITNET_ASSIGN_OR_RETURN(manifest.workload, DigestMember(object, "workload"));
  BITNET_ASSIGN_OR_RETURN(manifest.receipts, ReadReceipts(value, object));
  BITNET_ASSIGN_OR_RETURN(const std::string root, DigestMember(object, "root"));
  BITNET_RETURN_IF_ERROR(object.Finish());
  if (const std::string objection = Objection(manifest); !objection.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("manifest: ", objection));
  }
  if (const std::string expected = ManifestRoot(manifest.receipts); root != expected) {
    return object.Wrong("root", absl::StrCat(root, "; the receipts have ", expected));
  }
  return manifest;
}

}  // namespace bitnet::verify
