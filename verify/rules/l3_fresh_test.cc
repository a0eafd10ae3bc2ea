#include <string>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

// The context with the challenge from `issued` to `expires`, told from the auditor's clock.
FixtureContext Lasting(absl::Duration issued, absl::Duration expires) {
  FixtureContext context = UsualContext();
  context.artifacts.challenge->issued_at = TestNow() + issued;
  context.artifacts.challenge->expires_at = TestNow() + expires;
  return context;
}

receipt::Receipt Dated(const char* timestamp) {
  receipt::Receipt receipt = AnsweringReceipt();
  receipt.set_timestamp(timestamp);
  return receipt;
}

TEST(L3FreshTest, TheChallengeIsAnswered) {
  EXPECT_EQ(RunSigned(CheckFresh, AnsweringReceipt(), UsualContext()).status, CheckStatus::kPass);
  for (int digit : {0, 31, 63}) {
    receipt::Receipt receipt = AnsweringReceipt();
    std::string& nonce = *receipt.mutable_evidence()->mutable_challenge()->mutable_nonce();
    nonce[digit] = nonce[digit] == '0' ? '1' : '0';
    EXPECT_EQ(RunSigned(CheckFresh, receipt, UsualContext()).status, CheckStatus::kFail) << digit;
  }
  receipt::Receipt receipt = AnsweringReceipt();
  receipt.mutable_evidence()->mutable_challenge()->set_issued_by("someone");
  EXPECT_EQ(RunSigned(CheckFresh, receipt, UsualContext()).status, CheckStatus::kFail);
}

TEST(L3FreshTest, WhatIsNotThereIsMissing) {
  for (const auto clear : {+[](receipt::Evidence& evidence) { evidence.clear_challenge(); },
                           +[](receipt::Evidence& evidence) { evidence.mutable_challenge()->clear_nonce(); },
                           +[](receipt::Evidence& evidence) { evidence.mutable_challenge()->clear_issued_by(); }}) {
    receipt::Receipt receipt = AnsweringReceipt();
    clear(*receipt.mutable_evidence());
    EXPECT_EQ(RunSigned(CheckFresh, receipt, UsualContext()).status, CheckStatus::kMissing);
  }
  FixtureContext context = UsualContext();
  context.artifacts.challenge.reset();
  EXPECT_EQ(RunSigned(CheckFresh, AnsweringReceipt(), context).status, CheckStatus::kMissing);
  context.policy.require_challenge = false;
  EXPECT_EQ(RunSigned(CheckFresh, AnsweringReceipt(), context).status, CheckStatus::kNotApplicable);
}

// A challenge that was given is checked, whether the policy demands one or not.
TEST(L3FreshTest, GivenIsChecked) {
  FixtureContext context = UsualContext();
  context.policy.require_challenge = false;
  EXPECT_EQ(RunSigned(CheckFresh, AnsweringReceipt(), context).status, CheckStatus::kPass);
  context.artifacts.challenge->nonce = std::string(64, '0');
  EXPECT_EQ(RunSigned(CheckFresh, AnsweringReceipt(), context).status, CheckStatus::kFail);
}

TEST(L3FreshTest, ThePlanIsTheSameOrAbsentOnBothSides) {
  const std::string plan(64, 'a');
  FixtureContext with_plan = UsualContext();
  with_plan.artifacts.challenge->plan_digest = plan;
  receipt::Receipt answer = AnsweringReceipt();
  EXPECT_EQ(RunSigned(CheckFresh, answer, with_plan).status, CheckStatus::kMissing);
  answer.mutable_evidence()->mutable_challenge()->set_plan_digest(plan);
  EXPECT_EQ(RunSigned(CheckFresh, answer, with_plan).status, CheckStatus::kPass);
  EXPECT_EQ(RunSigned(CheckFresh, answer, UsualContext()).status, CheckStatus::kFail);
  answer.mutable_evidence()->mutable_challenge()->set_plan_digest(std::string(64, 'b'));
  EXPECT_EQ(RunSigned(CheckFresh, answer, with_plan).status, CheckStatus::kFail);
}

// TestNow() is 2026-11-22T00:00:00Z, and clocks may differ by five minutes.
TEST(L3FreshTest, BothEndsToTheSecond) {
  const receipt::Receipt now = Dated("2026-11-22T00:00:00Z");
  EXPECT_EQ(RunSigned(CheckFresh, now, Lasting(-absl::Hours(1), absl::ZeroDuration())).status, CheckStatus::kPass);
  const CheckResult expired = RunSigned(CheckFresh, now, Lasting(-absl::Hours(1), -absl::Seconds(1)));
  EXPECT_EQ(expired.status, CheckStatus::kFail);
  EXPECT_TRUE(absl::StrContains(expired.reason, "expired at 2026-11-21T23:59:59Z")) << expired.reason;

  EXPECT_EQ(RunSigned(CheckFresh, now, Lasting(absl::Minutes(5), absl::Hours(1))).status, CheckStatus::kPass);
  EXPECT_EQ(RunSigned(CheckFresh, now, Lasting(absl::Minutes(5) + absl::Seconds(1), absl::Hours(1))).status,
            CheckStatus::kFail);

  const FixtureContext hour = Lasting(-absl::Hours(1), absl::Hours(1));
  EXPECT_EQ(RunSigned(CheckFresh, Dated("2026-11-21T22:55:00Z"), hour).status, CheckStatus::kPass);
  EXPECT_EQ(RunSigned(CheckFresh, Dated("2026-11-21T22:54:59Z"), hour).status, CheckStatus::kFail);
  EXPECT_EQ(RunSigned(CheckFresh, Dated("2026-11-22T01:00:00Z"), hour).status, CheckStatus::kPass);
  EXPECT_EQ(RunSigned(CheckFresh, Dated("2026-11-22T01:00:01Z"), hour).status, CheckStatus::kFail);
  for (const char* timestamp : {"", "yesterday", "infinite-past", "infinite-future"}) {
    EXPECT_EQ(RunSigned(CheckFresh, Dated(timestamp), hour).status, CheckStatus::kFail) << timestamp;
  }
}

}  // namespace
}  // namespace bitnet::verify
