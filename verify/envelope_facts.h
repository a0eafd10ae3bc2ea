// EnvelopeFacts: a signed envelope around a receipt, read once, before any rule looks at it.

#ifndef VERIFY_ENVELOPE_FACTS_H_
#define VERIFY_ENVELOPE_FACTS_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/statement.h"

namespace bitnet::verify {

// Why something could not be read is kept: the rules report it.
struct EnvelopeFacts {
  absl::StatusOr<attest::Envelope> envelope;    // the bundle as written
  absl::StatusOr<attest::Statement> statement;  // its payload; FailedPrecondition when there is no envelope

  // The text to audit: the receipt that the statement carries, byte for byte; "" when there is none.
  std::string_view receipt_text() const { return statement.ok() ? std::string_view(statement->receipt) : ""; }
};

// Empty when `text` is no bundle: it is audited as a receipt. Nothing is verified here.
std::optional<EnvelopeFacts> ReadEnvelopeFacts(std::string_view text);

}  // namespace bitnet::verify

#endif  // VERIFY_ENVELOPE_FACTS_H_
