#include "bitnet/attest/statement.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/strict_object.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet::attest {
namespace {

constexpr JsonLimits kStatementLimits = {kMaxPayloadBytes, 4};

// The subjects in their order, with the name of each in the statement and of its digest.
struct SubjectField {
  std::string_view name;
  std::string_view algorithm;
  std::string Subjects::*digest;
};
constexpr SubjectField kSubjects[] = {{"receipt", "sha256", &Subjects::receipt},
                                      {"model", "sha256", &Subjects::model},
                                      {"engine", "sha256", &Subjects::engine},
                                      {"commit", "gitCommit", &Subjects::commit}};
constexpr size_t kSha256Digits = 64;
constexpr size_t kSha1Digits = 40;

// Commits of repositories that use SHA-1 have 40 digits, of those that use SHA-256 64.
bool IsDigest(std::string_view algorithm, std::string_view text) {
  return IsLowerHex(text, kSha256Digits) || (algorithm == "gitCommit" && IsLowerHex(text, kSha1Digits));
}

std::string_view Expected(std::string_view algorithm) {
  return algorithm == "gitCommit" ? "40 or 64 lower-case hexadecimal digits" : "64 lower-case hexadecimal digits";
}

JsonValue Text(std::string_view text) { return JsonValue::String(std::string(text)); }

}  // namespace

absl::StatusOr<Subjects> SubjectsOf(std::string_view text) { return SubjectsOf(text, ReadReceiptDocument(text)); }

absl::StatusOr<Subjects> SubjectsOf(std::string_view text, const ReceiptDocument& document) {
  if (!document.issues.empty()) {
    const JsonIssue& issue = document.issues.front();
    return absl::InvalidArgumentError(
        absl::StrCat("receipt", issue.path.empty() ? "" : " at ", issue.path, ": ", issue.message));
  }
  const auto& evidence = document.receipt.evidence();
  Subjects subjects{ToHex(Sha256Of(text)), evidence.model().file_sha256(), evidence.build().exe_sha256(),
                    evidence.build().git_commit()};
  constexpr std::string_view kPaths[] = {"", "/evidence/model/file_sha256", "/evidence/build/exe_sha256",
                                         "/evidence/build/git_commit"};
  for (size_t i = 1; i < std::size(kPaths); ++i) {
    const std::string& digest = subjects.*kSubjects[i].digest;
    if (IsDigest(kSubjects[i].algorithm, digest)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("receipt at ", kPaths[i], ": ", digest.empty() ? "absent" : absl::CHexEscape(digest),
                     "; an envelope binds it, so it must be ", Expected(kSubjects[i].algorithm)));
  }
  return subjects;
}

std::string WriteStatement(const Statement& statement) {
  JsonValue::Array subjects;
  for (const SubjectField& field : kSubjects) {
    const JsonValue digest =
        JsonValue::MakeObject({{std::string(field.algorithm), Text(statement.subjects.*field.digest)}});
    subjects.push_back(JsonValue::MakeObject({{"name", Text(field.name)}, {"digest", digest}}));
  }
  return CanonicalJson(JsonValue::MakeObject({
      {"_type", Text(kStatementType)},
      {"subject", JsonValue::MakeArray(std::move(subjects))},
      {"predicateType", Text(kPredicateType)},
      {"predicate", JsonValue::MakeObject({{"receipt", Text(statement.receipt)}})},
  }));
}

absl::StatusOr<Statement> ReadStatement(std::string_view payload) {
  constexpr std::string_view kWhat = "statement";
  BITNET_ASSIGN_OR_RETURN(const JsonValue value, ParseObject(kWhat, payload, kStatementLimits));
  BITNET_ASSIGN_OR_RETURN(StrictObject object, StrictObject::Open(kWhat, "", value));
  BITNET_RETURN_IF_ERROR(object.Expect("_type", kStatementType));
  BITNET_RETURN_IF_ERROR(object.Expect("predicateType", kPredicateType));
  Statement statement;
  BITNET_ASSIGN_OR_RETURN(std::vector<StrictObject> subjects, object.Objects("subject", std::size(kSubjects)));
  for (size_t i = 0; i < subjects.size(); ++i) {
    const SubjectField& field = kSubjects[i];
    BITNET_RETURN_IF_ERROR(subjects[i].Expect("name", field.name));
    BITNET_ASSIGN_OR_RETURN(StrictObject digest, subjects[i].Object("digest"));
    BITNET_ASSIGN_OR_RETURN(const std::string_view hex, digest.Text(field.algorithm, kSha256Digits));
    if (!IsDigest(field.algorithm, hex)) {
      return digest.Wrong(field.algorithm,
                          absl::StrCat("\"", absl::CHexEscape(hex), "\"; expected ", Expected(field.algorithm)));
    }
    statement.subjects.*field.digest = std::string(hex);
    BITNET_RETURN_IF_ERROR(digest.Finish());
    BITNET_RETURN_IF_ERROR(subjects[i].Finish());
  }
  BITNET_ASSIGN_OR_RETURN(StrictObject predicate, object.Object("predicate"));
  BITNET_ASSIGN_OR_RETURN(statement.receipt, predicate.Text("receipt", kMaxReceiptBytes));
  BITNET_RETURN_IF_ERROR(predicate.Finish());
  BITNET_RETURN_IF_ERROR(object.Finish());
  return statement;
}

}  // namespace bitnet::attest
