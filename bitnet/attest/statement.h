// The in-toto Statement v1 that an envelope carries: which receipt, about which model file, by which engine binary,
// built from which commit.
//
//   {"_type": "https://in-toto.io/Statement/v1",
//    "subject": [{"name": "receipt", "digest": {"sha256": <hex>}}, {"name": "model", "digest": {"sha256": <hex>}},
//                {"name": "engine", "digest": {"sha256": <hex>}}, {"name": "commit", "digest": {"gitCommit": <hex>}}],
//    "predicateType": kPredicateType,
//    "predicate": {"receipt": <the receipt's text, as one string>}}
//
// The receipt is a string and not an object so that its bytes survive: their SHA-256 is the first subject.
// docs/decisions/0010-envelope.md has the reasons.

#ifndef BITNET_ATTEST_STATEMENT_H_
#define BITNET_ATTEST_STATEMENT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/receipt/document.h"

namespace bitnet::attest {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kPredicateType = "urn:uuid:f43f3c60-24b9-4d46-bfcf-1a8daa358db1";

// Lower-case hexadecimal digits: SHA-256, and for the commit an object id of git (40 or 64 digits).
struct Subjects {
  std::string receipt;
  std::string model;
  std::string engine;
  std::string commit;

  friend bool operator==(const Subjects& a, const Subjects& b) = default;
};

struct Statement {
  Subjects subjects;
  std::string receipt;  // the receipt's text, byte for byte
};

// The subjects that the receipt `text` claims for itself: the digest of the text, and its /evidence/model/file_sha256,
// /evidence/build/exe_sha256 and /evidence/build/git_commit. InvalidArgument when the text cannot be read as a receipt
// or one of the members is absent or no digest; a build that names no commit is such a case.
absl::StatusOr<Subjects> SubjectsOf(std::string_view text);
absl::StatusOr<Subjects> SubjectsOf(std::string_view text, const ReceiptDocument& document);  // already read

// The payload: canonical JSON. The receipt must be UTF-8.
std::string WriteStatement(const Statement& statement);

// Strict: exactly the members above, the subjects in that order. Whether the subjects are those of the receipt is not
// looked at. InvalidArgument says where and what was expected.
absl::StatusOr<Statement> ReadStatement(std::string_view payload);

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_STATEMENT_H_
