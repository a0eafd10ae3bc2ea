#include <string>

#include "absl/strings/match.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/testing_bundle.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

using attest::TestingKey;

TEST(L3SigTest, AnyTrustedKeyWillDo) {
  FixtureContext context = UsualContext();
  EXPECT_EQ(RunSigned(CheckSig, AnsweringReceipt(), context).status, CheckStatus::kPass);
  context.policy.keys = {TestingKey("second").Public(), TestingKey("third").Public(), TestingKey().Public()};
  const CheckResult result = RunSigned(CheckSig, AnsweringReceipt(), context);
  EXPECT_EQ(result.status, CheckStatus::kPass);
  EXPECT_TRUE(absl::StrContains(result.reason, TestingKey().Public().KeyId())) << result.reason;
  context.policy.keys.pop_back();
  EXPECT_EQ(RunSigned(CheckSig, AnsweringReceipt(), context).status, CheckStatus::kFail);
}

TEST(L3SigTest, WithoutATrustedKeyNothingIsEstablished) {
  FixtureContext context = UsualContext();
  context.policy.keys.clear();
  const CheckResult result = RunSigned(CheckSig, AnsweringReceipt(), context);
  EXPECT_EQ(result.status, CheckStatus::kMissing);
  EXPECT_TRUE(absl::StrContains(result.reason, "--key")) << result.reason;
  EXPECT_EQ(RunText(CheckSig, WriteReceiptJson(AnsweringReceipt()), UsualContext()).status, CheckStatus::kMissing);
}

// The id in the envelope neither makes a key trusted nor keeps a trusted one from being tried.
TEST(L3SigTest, TheKeyIdIsAHint) {
  const FixtureContext context = UsualContext();
  const auto envelope = *attest::ReadBundle(SignedText(AnsweringReceipt()));
  for (const std::string& hint : {std::string(), std::string("x"), TestingKey("second").Public().KeyId()}) {
    attest::Envelope renamed = envelope;
    renamed.key_id = hint;
    EXPECT_EQ(RunText(CheckSig, attest::WriteBundle(renamed), context).status, CheckStatus::kPass) << hint;
  }
  attest::Envelope forged = attest::SignPayload(envelope.payload, TestingKey("second"));
  forged.key_id = TestingKey().Public().KeyId();
  const CheckResult result = RunText(CheckSig, attest::WriteBundle(forged), context);
  EXPECT_EQ(result.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(result.reason, "not made over these bytes")) << result.reason;
}

}  // namespace
}  // namespace bitnet::verify
