#include <functional>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/committed_run.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;

CommittedRun Recomputed() {
  CommittedRun run = HonestCommittedRun();
  run.artifacts.independent = {.file_sha256 = run.receipt.evidence().model().file_sha256(),
                               .positions = run.receipt.evidence().trace().size(),
                               .products = 154,
                               .error_bits = 56,
                               .choices = 5,
                               .choices_compared = 5};
  return run;
}

CheckResult Check(const CommittedRun& run) { return RunCheck(CheckIndependent, run.receipt, {}, run.artifacts); }

TEST(L4IndependentTest, AgreesOrIsNotAskedFor) {
  CommittedRun run = Recomputed();
  EXPECT_EQ(Check(run).status, CheckStatus::kPass);
  run.artifacts.independent.reset();
  EXPECT_EQ(Check(run).status, CheckStatus::kNotApplicable);
}

TEST(L4IndependentTest, EveryPartOfItCounts) {
  const std::pair<const char*, std::function<void(IndependentArtifact&)>> kEdits[] = {
      {"model", [](IndependentArtifact& a) { a.file_sha256 = std::string(64, 'a'); }},
      {"fewer positions", [](IndependentArtifact& a) { --a.positions; }},
      {"more choices", [](IndependentArtifact& a) { ++a.choices, ++a.choices_compared; }},
      {"difference", [](IndependentArtifact& a) { a.first_difference = "position 3, layer 1: q"; }},
  };
  for (const auto& [name, edit] : kEdits) {
    CommittedRun run = Recomputed();
    edit(*run.artifacts.independent);
    EXPECT_EQ(Check(run).status, CheckStatus::kFail) << name;
  }
}

TEST(L4IndependentTest, ASampleIsNoAcceptance) {
  CommittedRun run = Recomputed();
  run.artifacts.independent->choices_compared = 4;
  EXPECT_EQ(Check(run).status, CheckStatus::kInconclusive);
  EXPECT_THAT(Check(run).reason, HasSubstr("logits of 4 of 5 choices"));
  run.artifacts.independent->first_difference = "position 3, layer 1: q";
  EXPECT_EQ(Check(run).status, CheckStatus::kFail);
}

TEST(L4IndependentTest, WhatCouldNotBeComputedIsNotEstablished) {
  CommittedRun run = Recomputed();
  run.artifacts.independent = {.error = "an architecture that it does not know"};
  EXPECT_EQ(Check(run).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
