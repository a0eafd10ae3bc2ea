#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/testing_bundle.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

CheckResult RunOnStatement(const attest::Statement& statement) {
  return RunText(CheckSubject,
                 attest::WriteBundle(attest::SignPayload(attest::WriteStatement(statement), attest::TestingKey())),
                 UsualContext());
}

TEST(L3SubjectTest, EachSubjectIsTheReceiptsOwn) {
  const attest::Statement honest = attest::HonestStatement(WriteReceiptJson(AnsweringReceipt()));
  const CheckResult passed = RunOnStatement(honest);
  EXPECT_EQ(passed.status, CheckStatus::kPass) << passed.reason;
  EXPECT_EQ(passed.evidence, 4);
  const std::pair<const char*, std::string attest::Subjects::*> kSubjects[] = {{"receipt", &attest::Subjects::receipt},
                                                                               {"model", &attest::Subjects::model},
                                                                               {"engine", &attest::Subjects::engine},
                                                                               {"commit", &attest::Subjects::commit}};
  for (const auto& [name, member] : kSubjects) {
    attest::Statement other = honest;
    char& digit = (other.subjects.*member)[7];
    digit = digit == '0' ? '1' : '0';
    const CheckResult result = RunOnStatement(other);
    EXPECT_EQ(result.status, CheckStatus::kFail) << name;
    EXPECT_TRUE(absl::StrContains(result.reason, std::string("subject \"") + name)) << result.reason;
  }
}

// One byte more is another receipt, even one that no reader would see.
TEST(L3SubjectTest, TheReceiptIsBoundByteForByte) {
  attest::Statement statement = attest::HonestStatement(WriteReceiptJson(AnsweringReceipt()));
  statement.receipt += "\n";
  EXPECT_EQ(RunOnStatement(statement).status, CheckStatus::kFail);
}

TEST(L3SubjectTest, AReceiptWithoutItsDigestsLeavesTheSubjectsUnbound) {
  receipt::Receipt receipt = AnsweringReceipt();
  attest::Statement statement = attest::HonestStatement(WriteReceiptJson(receipt));
  receipt.mutable_evidence()->mutable_build()->clear_git_commit();
  statement.receipt = WriteReceiptJson(receipt);
  EXPECT_EQ(RunOnStatement(statement).status, CheckStatus::kMissing);
  EXPECT_EQ(RunText(CheckSubject, WriteReceiptJson(receipt), UsualContext()).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
