// AuditInput: everything that a rule may look at.

#ifndef VERIFY_AUDIT_INPUT_H_
#define VERIFY_AUDIT_INPUT_H_

#include "absl/time/time.h"
#include "bitnet/receipt/document.h"
#include "verify/artifacts.h"
#include "verify/envelope_facts.h"
#include "verify/policy.h"

namespace bitnet::verify {

// Owns nothing. Rules are pure functions of it: no clock, no file, no environment.
struct AuditInput {
  const ReceiptDocument& document;
  const Policy& policy;
  absl::Time now;              // the auditor's clock
  const Artifacts& artifacts;  // what was put beside the receipt
  // What was put around it; null when the text is a bare receipt.
  const EnvelopeFacts* envelope = nullptr;

  // The typed receipt. Fields that were absent or mistyped are unset: ask has_...() before believing a value.
  const receipt::Receipt& receipt() const { return document.receipt; }
};

}  // namespace bitnet::verify

#endif  // VERIFY_AUDIT_INPUT_H_
