// Running one rule of level L3 on a signed receipt in the usual context.

#ifndef VERIFY_TESTING_SIGNED_RECEIPT_H_
#define VERIFY_TESTING_SIGNED_RECEIPT_H_

#include <string>

#include "bitnet/attest/testing_bundle.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/session_digest.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/receipt/receipt.pb.h"
#include "verify/rule.h"
#include "verify/testing/fixture_context.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {

// The honest receipt of a run, with a trace and in answer to the usual challenge.
inline receipt::Receipt AnsweringReceipt(HonestRun run = {}) {
  run.trace = true;
  receipt::Receipt receipt = HonestReceipt(run);
  auto& challenge = *receipt.mutable_evidence()->mutable_challenge();
  challenge.set_nonce(std::string(kFixtureNonce));
  challenge.set_issued_by(std::string(kFixtureIssuer));
  receipt.mutable_evidence()->mutable_trace()->set_session(ToHex(SessionDigest(receipt)));
  return receipt;
}

inline std::string SignedText(const receipt::Receipt& receipt) {
  return attest::HonestBundle(WriteReceiptJson(receipt));
}

inline CheckResult RunSigned(CheckFunction check, const receipt::Receipt& receipt, const FixtureContext& context) {
  return RunCheckOnEnvelope(check, SignedText(receipt), context.policy, context.artifacts);
}

inline CheckResult RunText(CheckFunction check, const std::string& text, const FixtureContext& context) {
  return RunCheckOnEnvelope(check, text, context.policy, context.artifacts);
}

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_SIGNED_RECEIPT_H_
