#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/committed_run.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

TEST(L2TreeTest, NeedsAFile) {
  const CommittedRun run = HonestCommittedRun();
  EXPECT_EQ(RunCheck(CheckTree, run.receipt).status, CheckStatus::kNotApplicable);
  EXPECT_EQ(RunCheck(CheckTree, run.receipt, {}, run.artifacts).status, CheckStatus::kPass);
}

TEST(L2TreeTest, EveryLeafCounts) {
  const std::pair<const char*, std::function<void(Commitment&)>> kEdits[] = {
      {"session", [](Commitment& c) { ++c.session[0]; }},
      {"layers", [](Commitment& c) { ++c.layers; }},
      {"hidden", [](Commitment& c) { ++c.numerics[3].hidden[0]; }},
      {"layers root", [](Commitment& c) { ++c.numerics[0].layers_root[31]; }},
      {"token", [](Commitment& c) { ++c.numerics.back().token_out; }},
      {"order", [](Commitment& c) { std::swap(c.numerics[0], c.numerics[1]); }},
      {"cut off", [](Commitment& c) { c.numerics.pop_back(); }},
      {"first position", [](Commitment& c) { ++c.numerics.front().position; }},
  };
  for (const auto& [name, edit] : kEdits) {
    CommittedRun run = HonestCommittedRun();
    edit(*run.artifacts.commitment);
    EXPECT_EQ(RunCheck(CheckTree, run.receipt, {}, run.artifacts).status, CheckStatus::kFail) << name;
  }
}

TEST(L2TreeTest, AReceiptWithoutATrace) {
  CommittedRun run = HonestCommittedRun();
  run.receipt.mutable_evidence()->clear_trace();
  EXPECT_EQ(RunCheck(CheckTree, run.receipt, {}, run.artifacts).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
