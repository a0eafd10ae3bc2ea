#include "xtask/sbom.h"

#include <openssl/crypto.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet::xtask {
namespace {

constexpr std::string_view kNoAssertion = kNoLicence;
constexpr std::string_view kDocument = "SPDXRef-DOCUMENT";
constexpr std::string_view kProgram = "SPDXRef-xtask";
constexpr std::string_view kOpenssl = "SPDXRef-system-openssl";

JsonValue Text(std::string_view text) { return JsonValue::String(std::string(text)); }

// SPDX allows letters, digits, '.' and '-' in an identifier.
std::string SpdxId(std::string_view name) {
  std::string id = "SPDXRef-";
  for (const char c : name) id.push_back(absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ? c : '-');
  return id;
}

struct Package {
  std::string id, name, version, licence, file, sha256, comment;
};

JsonValue PackageJson(const Package& package) {
  JsonValue::Object json = {
      {"SPDXID", Text(package.id)},
      {"name", Text(package.name)},
      {"versionInfo", Text(package.version)},
      {"downloadLocation", Text(kNoAssertion)},
      {"filesAnalyzed", JsonValue::Bool(false)},
      {"licenseConcluded", Text(package.licence)},
      {"licenseDeclared", Text(package.licence)},
      {"copyrightText", Text(kNoAssertion)},
  };
  if (!package.file.empty()) json.push_back({"packageFileName", Text(package.file)});
  if (!package.comment.empty()) json.push_back({"comment", Text(package.comment)});
  if (!package.sha256.empty()) {
    JsonValue::Array checksums;
    checksums.push_back(
        JsonValue::MakeObject({{"algorithm", Text("SHA256")}, {"checksumValue", Text(package.sha256)}}));
    json.push_back({"checksums", JsonValue::MakeArray(std::move(checksums))});
  }
  return JsonValue::MakeObject(std::move(json));
}

JsonValue Relationship(std::string_view from, std::string_view type, std::string_view to) {
  return JsonValue::MakeObject(
      {{"spdxElementId", Text(from)}, {"relationshipType", Text(type)}, {"relatedSpdxElement", Text(to)}});
}

// How the program uses a source (SPDX 2.3, clause 11.1).
JsonValue UseOf(const ThirdPartySource& source, std::string_view id) {
  if (source.use == "linked") return Relationship(kProgram, "DEPENDS_ON", id);
  return Relationship(id, source.use == "tests" ? "TEST_DEPENDENCY_OF" : "BUILD_DEPENDENCY_OF", kProgram);
}

// A name-based UUID of version 8 (RFC 9562) from a digest.
std::string UuidOf(std::string_view text) {
  Digest digest = Sha256Of(text);
  digest[6] = static_cast<uint8_t>((digest[6] & 0x0f) | 0x80);
  digest[8] = static_cast<uint8_t>((digest[8] & 0x3f) | 0x80);
  const std::string hex = ToHex(digest);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                      hex.substr(20, 12));
}

}  // namespace

std::string SourceLicence(const ThirdPartySource& source) {
  std::string_view licence;
  for (const LicenceFile& file : source.licences) {
    const std::string_view identified = IdentifyLicence(file.text);
    if (identified.empty() || (!licence.empty() && licence != identified)) return std::string(kNoAssertion);
    licence = identified;
  }
  return std::string(licence.empty() ? kNoAssertion : licence);
}

std::string SpdxJson(const SbomSubject& subject, std::span<const ThirdPartySource> sources) {
  JsonValue::Array packages, relationships;
  packages.push_back(PackageJson({std::string(kProgram), "xtask", subject.version,
                                  subject.licence.empty() ? kNoLicence : subject.licence, "", subject.exe_sha256,
                                  absl::StrCat("built from commit ", subject.commit)}));
  relationships.push_back(Relationship(kDocument, "DESCRIBES", kProgram));
  for (const ThirdPartySource& source : sources) {
    const std::string id = SpdxId(source.name);
    packages.push_back(PackageJson(
        {id, source.package, SourceVersion(source), SourceLicence(source), source.filename, source.sha256, ""}));
    relationships.push_back(UseOf(source, id));
  }
  packages.push_back(
      PackageJson({std::string(kOpenssl), "openssl", OpenSSL_version(OPENSSL_VERSION_STRING), std::string(kNoAssertion),
                   "", "", "library of the system, found when the program was started; not pinned"}));
  relationships.push_back(Relationship(kProgram, "DYNAMIC_LINK", kOpenssl));
  const std::string created = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", subject.created, absl::UTCTimeZone());
  JsonValue::Array creators;
  creators.push_back(Text(absl::StrCat("Tool: xtask-", subject.version)));
  const JsonValue package_array = JsonValue::MakeArray(std::move(packages));
  return WritePrettyJson(JsonValue::MakeObject({
      {"spdxVersion", Text("SPDX-2.3")},
      {"dataLicense", Text("CC0-1.0")},
      {"SPDXID", Text(kDocument)},
      {"name", Text(absl::StrCat("xtask-", subject.version))},
      {"documentNamespace", Text(absl::StrCat("urn:uuid:", UuidOf(created + CanonicalJson(package_array))))},
      {"creationInfo",
       JsonValue::MakeObject({{"created", Text(created)}, {"creators", JsonValue::MakeArray(std::move(creators))}})},
      {"packages", package_array},
      {"relationships", JsonValue::MakeArray(std::move(relationships))},
  }));
}

}  // namespace bitnet::xtask
