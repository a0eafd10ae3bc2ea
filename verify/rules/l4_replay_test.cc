#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/committed_run.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

TEST(L4ReplayTest, SomethingMustHaveBeenRecomputed) {
  CommittedRun run = HonestCommittedRun();
  EXPECT_EQ(RunCheck(CheckReplay, run.receipt, {}, run.artifacts).status, CheckStatus::kPass);
  run.artifacts.replay.reset();
  EXPECT_EQ(RunCheck(CheckReplay, run.receipt, {}, run.artifacts).status, CheckStatus::kMissing);
}

TEST(L4ReplayTest, EveryPartOfItCounts) {
  const std::string other(64, 'a');
  const std::pair<const char*, std::function<void(ReplayArtifact&)>> kEdits[] = {
      {"model", [&](ReplayArtifact& r) { r.file_sha256 = other; }},
      {"prompt", [&](ReplayArtifact& r) { r.prompt_ids_digest = other; }},
      {"output", [&](ReplayArtifact& r) { r.output_ids_digest = other; }},
      {"shorter", [](ReplayArtifact& r) { --r.size; }},
      {"longer", [](ReplayArtifact& r) { ++r.size; }},
      {"root", [&](ReplayArtifact& r) { r.numerics_root = other; }},
      {"choice", [](ReplayArtifact& r) { r.wrong_choice = "output token 3 is 5; expected 7"; }},
  };
  for (const auto& [name, edit] : kEdits) {
    CommittedRun run = HonestCommittedRun();
    edit(*run.artifacts.replay);
    EXPECT_EQ(RunCheck(CheckReplay, run.receipt, {}, run.artifacts).status, CheckStatus::kFail) << name;
  }
}

TEST(L4ReplayTest, WhatCouldNotBeRecomputedIsNotEstablished) {
  CommittedRun run = HonestCommittedRun();
  run.artifacts.replay = {.error = "a run that reused keys and values"};
  const CheckResult result = RunCheck(CheckReplay, run.receipt, {}, run.artifacts);
  EXPECT_EQ(result.status, CheckStatus::kMissing);
  EXPECT_EQ(result.reason, "it could not be recomputed: a run that reused keys and values");
}

TEST(L4ReplayTest, SaysWhere) {
  CommittedRun run = HonestCommittedRun();
  run.artifacts.replay->numerics_root = std::string(64, 'a');
  run.artifacts.replay->first_difference = "position 41, layer 3: keys and values";
  EXPECT_EQ(RunCheck(CheckReplay, run.receipt, {}, run.artifacts).reason,
            "the replay differs first at position 41, layer 3: keys and values");
}

}  // namespace
}  // namespace bitnet::verify
