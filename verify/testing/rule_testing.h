// Running one rule on a receipt that a test has made.

#ifndef VERIFY_TESTING_RULE_TESTING_H_
#define VERIFY_TESTING_RULE_TESTING_H_

#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "bitnet/receipt/document.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/artifacts.h"
#include "verify/envelope_facts.h"
#include "verify/policy.h"
#include "verify/rule.h"

namespace bitnet::verify {

// The auditor's clock in tests: fixtures are dated a day earlier.
inline absl::Time TestNow() { return absl::FromCivil(absl::CivilSecond(2026, 11, 22, 0, 0, 0), absl::UTCTimeZone()); }

using CheckFunction = CheckResult (*)(const AuditInput& input);

// On a text, read as `verify` reads it.
inline CheckResult RunCheckOnText(CheckFunction check, std::string_view text, const Policy& policy = {},
                                  const Artifacts& artifacts = {}) {
  const ReceiptDocument document = ReadReceiptDocument(text);
  return check({document, policy, TestNow(), artifacts});
}

// On an envelope around a receipt, or on a bare one.
inline CheckResult RunCheckOnEnvelope(CheckFunction check, std::string_view text, const Policy& policy,
                                      const Artifacts& artifacts) {
  const std::optional<EnvelopeFacts> envelope = ReadEnvelopeFacts(text);
  const ReceiptDocument document = ReadReceiptDocument(envelope ? envelope->receipt_text() : text);
  return check({document, policy, TestNow(), artifacts, envelope ? &*envelope : nullptr});
}

// On a message, written and read back.
inline CheckResult RunCheck(CheckFunction check, const receipt::Receipt& receipt, const Policy& policy = {},
                            const Artifacts& artifacts = {}) {
  return RunCheckOnText(check, WriteReceiptJson(receipt), policy, artifacts);
}

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_RULE_TESTING_H_
