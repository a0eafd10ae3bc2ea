#include <string>

#include "absl/strings/match.h"
#include "bitnet/base/sha256.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

CheckResult AuditOf(const FixtureContext& context) { return RunSigned(CheckLedger, AnsweringReceipt(), context); }

TEST(L3LedgerTest, ANonceIsTakenOnce) {
  FixtureContext context = UsualContext();
  EXPECT_EQ(AuditOf(context).status, CheckStatus::kPass);
  const std::string receipt = ToHex(Sha256Of(WriteReceiptJson(AnsweringReceipt())));
  ASSERT_TRUE(context.ledger->Append({std::string(kFixtureNonce), receipt, TestNow()}).ok());
  const CheckResult same = AuditOf(context);
  EXPECT_EQ(same.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(same.reason, "with this receipt")) << same.reason;
  EXPECT_TRUE(absl::StrContains(same.reason, "2026-11-22T00:00:00Z")) << same.reason;

  FixtureContext other = *MakeFixtureContext({"ledger taken"});
  const CheckResult taken = AuditOf(other);
  EXPECT_EQ(taken.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(taken.reason, ToHex(Sha256Of("another receipt")))) << taken.reason;
}

TEST(L3LedgerTest, AnEmptyLedgerHasSeenNothing) {
  FixtureContext context = UsualContext();
  *context.ledger = attest::Ledger();
  const CheckResult result = AuditOf(context);
  EXPECT_EQ(result.status, CheckStatus::kPass);
  EXPECT_GT(result.evidence, 0);
}

TEST(L3LedgerTest, WhoDemandsALedgerMustGiveIt) {
  FixtureContext context = UsualContext();
  context.artifacts.ledger = nullptr;
  EXPECT_EQ(AuditOf(context).status, CheckStatus::kMissing);
  context.policy.require_ledger = false;
  EXPECT_EQ(AuditOf(context).status, CheckStatus::kNotApplicable);
  context.policy.require_ledger = true;
  context.policy.require_challenge = false;
  EXPECT_EQ(AuditOf(context).status, CheckStatus::kNotApplicable) << "without nonces there is nothing to remember";
  context.policy.ledger_head = LedgerHead{0, UsualContext().ledger->RootAt(0)};
  EXPECT_EQ(AuditOf(context).status, CheckStatus::kMissing);
}

TEST(L3LedgerTest, AReceiptWithoutANonceIsMissingIt) {
  receipt::Receipt receipt = AnsweringReceipt();
  receipt.mutable_evidence()->clear_challenge();
  EXPECT_EQ(RunSigned(CheckLedger, receipt, UsualContext()).status, CheckStatus::kMissing);
}

TEST(L3LedgerTest, TheLedgerContinuesFromWhereItWasKnown) {
  FixtureContext context = UsualContext();
  ASSERT_EQ(context.ledger->size(), 3);
  for (uint64_t size = 0; size <= 3; ++size) {
    context.policy.ledger_head = LedgerHead{size, context.ledger->RootAt(size)};
    EXPECT_EQ(AuditOf(context).status, CheckStatus::kPass) << size;
    context.policy.ledger_head = LedgerHead{size, std::string(64, '0')};
    EXPECT_EQ(AuditOf(context).status, CheckStatus::kFail) << size;
  }
  context.policy.ledger_head = LedgerHead{4, context.ledger->Root()};
  const CheckResult cut = AuditOf(context);
  EXPECT_EQ(cut.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(cut.reason, "was cut or is another")) << cut.reason;
}

}  // namespace
}  // namespace bitnet::verify
