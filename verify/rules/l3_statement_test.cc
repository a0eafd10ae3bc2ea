#include <string>

#include "absl/strings/match.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/testing_bundle.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

CheckResult RunOnPayload(std::string_view payload) {
  return RunText(CheckStatement, attest::WriteBundle(attest::SignPayload(payload, attest::TestingKey())),
                 UsualContext());
}

TEST(L3StatementTest, TheStatementOfTheSpecification) {
  EXPECT_EQ(RunSigned(CheckStatement, AnsweringReceipt(), UsualContext()).status, CheckStatus::kPass);
}

TEST(L3StatementTest, OtherPayloadsAreRefusedHoweverWellSigned) {
  for (const char* payload : {"", "{}", "[]", "null", "not JSON", "{\"_type\":\"https://in-toto.io/Statement/v1\"}"}) {
    const CheckResult result = RunOnPayload(payload);
    EXPECT_EQ(result.status, CheckStatus::kFail) << payload;
    EXPECT_TRUE(absl::StrContains(result.reason, "statement")) << result.reason;
  }
}

TEST(L3StatementTest, NothingToReadIsMissing) {
  EXPECT_EQ(RunText(CheckStatement, WriteReceiptJson(AnsweringReceipt()), UsualContext()).status,
            CheckStatus::kMissing);
  EXPECT_EQ(RunText(CheckStatement, R"({"dsseEnvelope":{}})", UsualContext()).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
