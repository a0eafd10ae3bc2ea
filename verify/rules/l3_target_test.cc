#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L3TargetTest, WhatThePolicyNamesMustBeWhatWasSigned) {
  const receipt::Receipt receipt = AnsweringReceipt();
  const auto& evidence = receipt.evidence();
  const struct {
    std::vector<std::string> Policy::*allowed;
    std::string honest;
    const char* member;
  } kTargets[] = {{&Policy::allowed_models, evidence.model().file_sha256(), "allowed_models"},
                  {&Policy::allowed_builds, evidence.build().exe_sha256(), "allowed_builds"},
                  {&Policy::allowed_commits, evidence.build().git_commit(), "allowed_commits"}};
  for (const auto& target : kTargets) {
    const std::string other(target.honest.size(), 'b');
    FixtureContext context = UsualContext();
    context.policy.*target.allowed = {target.honest};
    EXPECT_EQ(RunSigned(CheckTarget, receipt, context).status, CheckStatus::kPass) << target.member;
    context.policy.*target.allowed = {other, target.honest};
    EXPECT_EQ(RunSigned(CheckTarget, receipt, context).status, CheckStatus::kPass) << target.member;
    context.policy.*target.allowed = {other, other};
    const CheckResult result = RunSigned(CheckTarget, receipt, context);
    EXPECT_EQ(result.status, CheckStatus::kFail);
    EXPECT_TRUE(absl::StrContains(result.reason, target.member)) << result.reason;
    // A prefix, as git shows commits, is no object id.
    context.policy.*target.allowed = {target.honest.substr(0, 12)};
    EXPECT_EQ(RunSigned(CheckTarget, receipt, context).status, CheckStatus::kFail);
  }
}

TEST(L3TargetTest, OneOfThemWrongIsWrong) {
  const receipt::Receipt receipt = AnsweringReceipt();
  FixtureContext context = UsualContext();
  context.policy.allowed_models = {receipt.evidence().model().file_sha256()};
  context.policy.allowed_commits = {std::string(40, 'b')};
  EXPECT_EQ(RunSigned(CheckTarget, receipt, context).status, CheckStatus::kFail);
}

TEST(L3TargetTest, NothingNamedIsNotApplicable) {
  FixtureContext context = UsualContext();
  EXPECT_EQ(RunSigned(CheckTarget, AnsweringReceipt(), context).status, CheckStatus::kNotApplicable);
  context.policy.allowed_commits = {std::string(40, 'b')};
  EXPECT_EQ(RunText(CheckTarget, WriteReceiptJson(AnsweringReceipt()), context).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
