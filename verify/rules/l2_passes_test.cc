#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/committed_run.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

// The rule alone, with the root that belongs to the edited passes, so that not only the root refuses them.
CheckStatus Check(CommittedRun run, bool rehash) {
  if (rehash) {
    const CommitmentRoots roots = RootsOf(*run.artifacts.commitment);
    run.receipt.mutable_evidence()->mutable_trace()->set_observed_root(ToHex(roots.observed_root));
    run.receipt.mutable_evidence()->mutable_trace()->set_observed_size(roots.observed_size);
  }
  return RunCheck(CheckPasses, run.receipt, {}, run.artifacts).status;
}

TEST(L2PassesTest, NeedsAFile) {
  CommittedRun run = HonestCommittedRun();
  EXPECT_EQ(Check(run, false), CheckStatus::kPass);
  run.artifacts.commitment.reset();
  EXPECT_EQ(RunCheck(CheckPasses, run.receipt, {}, run.artifacts).status, CheckStatus::kNotApplicable);
}

TEST(L2PassesTest, EveryPassCounts) {
  const std::pair<const char*, std::function<void(Commitment&)>> kEdits[] = {
      {"kind", [](Commitment& c) { c.observed[1].kind = StepKind::kDecode; }},
      {"rows", [](Commitment& c) { ++c.observed[0].rows; }},
      {"logit rows", [](Commitment& c) { ++c.observed[0].logit_rows; }},
      {"call less", [](Commitment& c) { --c.observed[2].calls[0].calls; }},
      {"call more", [](Commitment& c) { ++c.observed[2].calls[3].calls; }},
      {"kernel that is not counted",
       [](Commitment& c) {
         c.observed[2].calls.push_back({kKernelCount - 1, 1});
       }},
      {"kernel that is none",
       [](Commitment& c) {
         c.observed[2].calls.push_back({60000, 1});
       }},
      {"slow prefill", [](Commitment& c) { c.observed[0].end_ns += 1'000'000'000; }},
      {"slow decode", [](Commitment& c) { c.observed.back().end_ns += 1'000'000'000; }},
      {"pass less", [](Commitment& c) { c.observed.pop_back(); }},
  };
  for (const auto& [name, edit] : kEdits) {
    CommittedRun run = HonestCommittedRun();
    edit(*run.artifacts.commitment);
    EXPECT_EQ(Check(run, false), CheckStatus::kFail) << name;
    EXPECT_EQ(Check(run, true), CheckStatus::kFail) << name;
  }
}

// Passes of drafts: what was kept of each, and the choices after the last, which may be several.
TEST(L2PassesTest, RowsThatWereNotKept) {
  HonestRun run;
  run.arch = kTinyShape;
  run.model_path = "tiny-i2_s.gguf";
  run.prompt = 7;
  run.chunk = 3;
  run.draft = 3;
  run.trace = true;
  run.generated = 12;
  // Ends with passes of one row, and with a pass of drafts that were rejected.
  for (const uint64_t requested : {12, 20}) {
    run.requested = requested;
    run.finish_reason = requested > run.generated ? "eos" : "length";
    CommittedRun honest{HonestReceipt(run), {}};
    honest.artifacts = HonestArtifacts(honest.receipt);
    honest.artifacts.commitment = HonestCommitment(run, honest.receipt);
    EXPECT_EQ(Check(honest, false), CheckStatus::kPass) << requested;
    CommittedRun kept_less = honest;
    --kept_less.artifacts.commitment->observed[4].first_position;
    EXPECT_EQ(Check(kept_less, true), CheckStatus::kFail);
    CommittedRun fed_less = honest;
    --fed_less.artifacts.commitment->observed[4].rows;
    EXPECT_EQ(Check(fed_less, true), CheckStatus::kFail);
  }
}

TEST(L2PassesTest, TheRootCounts) {
  CommittedRun run = HonestCommittedRun();
  ++run.artifacts.commitment->observed.back().begin_ns;
  EXPECT_EQ(Check(run, false), CheckStatus::kFail);
  EXPECT_EQ(Check(run, true), CheckStatus::kPass);
}

}  // namespace
}  // namespace bitnet::verify
