#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/committed_run.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

CheckStatus Check(const CommittedRun& run) { return RunCheck(CheckIds, run.receipt, {}, run.artifacts).status; }

TEST(L2IdsTest, NeedsAFile) {
  CommittedRun run = HonestCommittedRun();
  EXPECT_EQ(Check(run), CheckStatus::kPass);
  run.artifacts.commitment.reset();
  EXPECT_EQ(Check(run), CheckStatus::kNotApplicable);
}

// Seven prompt tokens, five generated: leaves 0 to 6 are of the prompt, a token is chosen from 6 on.
TEST(L2IdsTest, EveryTokenCounts) {
  const std::pair<const char*, std::function<void(Commitment&)>> kEdits[] = {
      {"prompt token", [](Commitment& c) { ++c.numerics[2].token_in; }},
      {"token fed that was not chosen", [](Commitment& c) { ++c.numerics[8].token_in; }},
      {"last token", [](Commitment& c) { ++c.numerics.back().token_out, ++c.numerics.back().argmax; }},
      {"outside the vocabulary", [](Commitment& c) { c.numerics[2].token_in = 2048; }},
      {"not the most likely", [](Commitment& c) { ++c.numerics[9].argmax; }},
      {"order of logits", [](Commitment& c) { c.numerics[7].top2_bits = 0x41200001; }},
      {"no number", [](Commitment& c) { c.numerics[7].top1_bits = 0x7fc00000; }},
      {"infinite", [](Commitment& c) { c.numerics[7].top1_bits = 0x7f800000; }},
      {"no choice", [](Commitment& c) { c.numerics[6].chosen = false; }},
      {"choice in the prompt", [](Commitment& c) { c.numerics[5].chosen = true; }},
      {"one less", [](Commitment& c) { c.numerics.pop_back(); }},
  };
  for (const auto& [name, edit] : kEdits) {
    CommittedRun run = HonestCommittedRun();
    edit(*run.artifacts.commitment);
    EXPECT_EQ(Check(run), CheckStatus::kFail) << name;
  }
}

TEST(L2IdsTest, EqualLogitsAreNoOffence) {
  CommittedRun run = HonestCommittedRun();
  run.artifacts.commitment->numerics[7].top2_bits = run.artifacts.commitment->numerics[7].top1_bits;
  EXPECT_EQ(Check(run), CheckStatus::kPass);
}

TEST(L2IdsTest, OnlyPlainGreedyChoicesAreArgmax) {
  CommittedRun run = HonestCommittedRun();
  ++run.artifacts.commitment->numerics[9].argmax;
  EXPECT_EQ(Check(run), CheckStatus::kFail);
  run.receipt.mutable_evidence()->mutable_sampling()->set_eog_masked(true);
  EXPECT_EQ(Check(run), CheckStatus::kPass);
  run.receipt.mutable_evidence()->mutable_sampling()->set_eog_masked(false);
  run.receipt.mutable_evidence()->mutable_sampling()->set_mode("sample");
  EXPECT_EQ(Check(run), CheckStatus::kPass);
}

TEST(L2IdsTest, TheReceiptsDigestsCount) {
  for (const bool prompt : {false, true}) {
    CommittedRun run = HonestCommittedRun();
    auto& tokens = *run.receipt.mutable_evidence()->mutable_tokens();
    (prompt ? *tokens.mutable_prompt_ids_digest() : *tokens.mutable_output_ids_digest()) = std::string(64, 'a');
    EXPECT_EQ(Check(run), CheckStatus::kFail) << prompt;
  }
}

}  // namespace
}  // namespace bitnet::verify
