// A run's receipt and commitment against the model that it says it ran, computed again.

#include "verify/replay/model_under_audit.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/log/check.h"
#include "bitnet/commitment/session_digest.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/model_digest.h"
#include "bitnet/engine/receipt_builder.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;

struct Executed {
  receipt::Receipt receipt;
  Commitment commitment;
};

// A run as `xtask infer --receipt --commitment` makes it, on the best instruction set that is here.
Executed Execute(const std::string& path, const SamplingParams& sampling) {
  ThreadPool pool(2);
  const auto model = LoadedModel::Load(path, pool);
  CHECK(model.ok()) << model.status();
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 128});
  CHECK(session.ok()) << session.status();
  GenerateRequest request;
  request.prompt = TestingIds(37, (*model)->config.shape.vocab);
  request.max_tokens = 12;
  request.sampling = sampling;
  request.ignore_eos = true;
  const ModelDigests digests = ComputeModelDigests(**model, pool);
  Committer committer((*model)->config.shape, SessionDigest(RunHeader(**session, request, digests, std::nullopt)), pool,
                      /*keep=*/true);
  request.committer = &committer;
  const auto completion = Generate(**session, request, [](std::string_view) {});
  CHECK(completion.ok()) << completion.status();
  return {BuildReceipt(**session, request, *completion, digests, {}, {}), committer.commitment()};
}

class ModelUnderAuditTest : public testing::Test {
 protected:
  ModelUnderAuditTest() : file_("tiny", 5) {}

  std::unique_ptr<ModelUnderAudit> Open(const std::string& path) {
    auto audit = ModelUnderAudit::Open(path, 2);
    CHECK(audit.ok()) << audit.status();
    return *std::move(audit);
  }

  TestingModel file_;
};

TEST_F(ModelUnderAuditTest, AnHonestRunIsReplayedWithEveryInstructionSet) {
  for (const SamplingParams& sampling :
       {SamplingParams(), SamplingParams{.temperature = 0.9f, .top_k = 40, .seed = 3}}) {
    const Executed run = Execute(file_.path(), sampling);
    const auto audit = Open(file_.path());
    EXPECT_EQ(audit->Digests().file_sha256, run.receipt.evidence().model().file_sha256());
    EXPECT_EQ(audit->Digests().ternary_digest, run.receipt.evidence().model().ternary_digest());
    for (const std::string isa : {"other", "scalar"}) {
      const auto replay = audit->Replay(run.receipt, run.commitment, isa);
      ASSERT_TRUE(replay.ok()) << replay.status();
      EXPECT_EQ(replay->numerics_root, run.receipt.evidence().trace().numerics_root()) << isa;
      EXPECT_EQ(replay->prompt_ids_digest, run.receipt.evidence().tokens().prompt_ids_digest());
      EXPECT_EQ(replay->output_ids_digest, run.receipt.evidence().tokens().output_ids_digest());
      EXPECT_EQ(replay->first_difference, "");
      EXPECT_EQ(replay->wrong_choice, "");
    }
  }
}

TEST_F(ModelUnderAuditTest, CodeOfItsOwnAgrees) {
  const Executed run = Execute(file_.path(), {});
  const auto audit = Open(file_.path());
  for (const std::optional<uint64_t> sample : {std::optional<uint64_t>(), std::optional<uint64_t>(3)}) {
    const auto report = audit->RecomputeIndependently(run.receipt, run.commitment, "other", sample);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_FALSE(report->difference) << report->difference->Text();
    EXPECT_EQ(report->tally.positions, run.commitment.numerics.size());
    EXPECT_EQ(report->tally.choices_compared, sample.value_or(12));
    EXPECT_GE(report->error_bits(), 40);
  }
}

TEST_F(ModelUnderAuditTest, AnotherModelDiffersFromTheFirstLayerOn) {
  const Executed run = Execute(file_.path(), {});
  const TestingModel other("tiny", 6);
  const auto replay = Open(other.path())->Replay(run.receipt, run.commitment, "other");
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_NE(replay->numerics_root, run.receipt.evidence().trace().numerics_root());
  EXPECT_EQ(replay->first_difference, "position 0, layer 0: keys and values");
}

TEST_F(ModelUnderAuditTest, AnotherSeedChoosesOtherTokens) {
  Executed run = Execute(file_.path(), {.temperature = 1.5f, .seed = 3});
  run.receipt.mutable_evidence()->mutable_sampling()->set_seed(4);
  run.commitment.session = SessionDigest(run.receipt);
  const auto replay = Open(file_.path())->Replay(run.receipt, run.commitment, "other");
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_THAT(replay->wrong_choice, HasSubstr("output token"));
}

TEST_F(ModelUnderAuditTest, WhatCannotBeReplayedIsSaid) {
  Executed run = Execute(file_.path(), {});
  const auto audit = Open(file_.path());
  EXPECT_FALSE(audit->Replay(run.receipt, run.commitment, "sse9").ok());
  receipt::Receipt longer = run.receipt;
  longer.mutable_evidence()->mutable_tokens()->set_prompt(38);
  EXPECT_THAT(std::string(audit->Replay(longer, run.commitment, "other").status().message()), HasSubstr("of one run"));
  receipt::Receipt odd = run.receipt;
  odd.mutable_evidence()->mutable_sampling()->set_temperature_bits("hot");
  EXPECT_THAT(std::string(audit->Replay(odd, run.commitment, "other").status().message()),
              HasSubstr("temperature_bits"));
  run.commitment.numerics.front().position = 3;
  EXPECT_EQ(audit->Replay(run.receipt, run.commitment, "other").status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_FALSE(ModelUnderAudit::Open("/nowhere/model.gguf", 1).ok());
}

TEST(OtherIsaTest, IsAnotherUnlessThereIsNone) {
  const IsaSet all = IsaClosure(Isa::kAvx512Vnni);
  EXPECT_EQ(OtherIsa("avx512vnni", all), Isa::kAvx2) << "avx512 has the same norms, rope and attention";
  EXPECT_EQ(OtherIsa("avx2", all), Isa::kAvx512Vnni);
  EXPECT_EQ(OtherIsa("avx2", IsaClosure(Isa::kAvx2)), Isa::kScalar);
  EXPECT_EQ(OtherIsa("avxvnni", IsaClosure(Isa::kAvxVnni)), Isa::kScalar) << "of avx2 it has all but one";
  EXPECT_EQ(OtherIsa("scalar", IsaClosure(Isa::kScalar)), Isa::kScalar);
}

TEST(ReplayScreensTest, OnlyWhoAsksForTheRunsOwnSet) {
  EXPECT_TRUE(ReplayScreens("avx2", "avx2", "avx2"));
  EXPECT_TRUE(ReplayScreens("scalar", "scalar", "scalar"));
  EXPECT_FALSE(ReplayScreens("scalar", "scalar", "avx2"));
  EXPECT_FALSE(ReplayScreens("other", "scalar", "avx2"));
  EXPECT_FALSE(ReplayScreens("other", "scalar", "scalar")) << "there was no other, and nobody asked for this one";
  EXPECT_FALSE(ReplayScreens("avx2", "avx2", "")) << "a receipt that does not say";
}

}  // namespace
}  // namespace bitnet::verify
