#include "verify/envelope_facts.h"

#include "absl/status/status.h"
#include "bitnet/attest/bundle.h"

namespace bitnet::verify {

std::optional<EnvelopeFacts> ReadEnvelopeFacts(std::string_view text) {
  if (!attest::LooksLikeBundle(text)) return std::nullopt;
  EnvelopeFacts facts{attest::ReadBundle(text), absl::FailedPreconditionError("there is no payload to read")};
  if (facts.envelope.ok()) facts.statement = attest::ReadStatement(facts.envelope->payload);
  return facts;
}

}  // namespace bitnet::verify
