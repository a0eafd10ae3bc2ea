#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L3DsseTest, OneEnvelopeOneSignature) {
  const FixtureContext context = UsualContext();
  const CheckResult result = RunSigned(CheckDsse, AnsweringReceipt(), context);
  EXPECT_EQ(result.status, CheckStatus::kPass) << result.reason;
  EXPECT_GT(result.evidence, 0);
}

TEST(L3DsseTest, ABareReceiptLacksOne) {
  const FixtureContext context = UsualContext();
  for (const std::string& text : {WriteReceiptJson(AnsweringReceipt()), std::string("{}"), std::string("no JSON")}) {
    const CheckResult result = RunText(CheckDsse, text, context);
    EXPECT_EQ(result.status, CheckStatus::kMissing);
    EXPECT_TRUE(absl::StrContains(result.reason, "xtask sign")) << result.reason;
  }
}

TEST(L3DsseTest, WhatIsWrongIsNamed) {
  const FixtureContext context = UsualContext();
  const std::string bundle = SignedText(AnsweringReceipt());
  const CheckResult type =
      RunText(CheckDsse, absl::StrReplaceAll(bundle, {{"vnd.in-toto+json", "vnd.in-toto+xml"}}), context);
  EXPECT_EQ(type.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(type.reason, "/dsseEnvelope/payloadType")) << type.reason;
  const CheckResult stub = RunText(CheckDsse, R"({"mediaType":"text/plain"})", context);
  EXPECT_EQ(stub.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(stub.reason, "/mediaType")) << stub.reason;
}

}  // namespace
}  // namespace bitnet::verify
