#include "bitnet/engine/generate.h"

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/sample/sample.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

class GenerateTest : public testing::Test {
 protected:
  GenerateTest() : pool_(2), file_("tiny", 5) {
    auto model = LoadedModel::Load(file_.path(), pool_);
    CHECK(model.ok()) << model.status();
    model_ = *std::move(model);
    auto session = Session::Create(*model_, pool_, {.isa = DetectIsaSet(), .context = 128});
    CHECK(session.ok()) << session.status();
    session_ = *std::move(session);
    request_.prompt = TestingIds(10, model_->config.shape.vocab);
    request_.max_tokens = 20;
    request_.ignore_eos = true;
  }

  absl::StatusOr<Completion> Run() {
    session_->Reset();
    text_.clear();
    return Generate(*session_, request_, [&](std::string_view piece) { text_.append(piece); });
  }

  ThreadPool pool_;
  TestingModel file_;
  std::unique_ptr<const LoadedModel> model_;
  std::unique_ptr<Session> session_;
  GenerateRequest request_;
  std::string text_;
};

TEST_F(GenerateTest, StreamedTextIsTheDecodedOutput) {
  const auto completion = Run();
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->output.size(), 20u);
  EXPECT_EQ(completion->finish, FinishReason::kLength);
  EXPECT_EQ(text_, *model_->tokenizer.Decode(completion->output, /*special=*/false));
}

TEST_F(GenerateTest, RecordsExactlyWhatTheScheduleImplies) {
  const auto completion = Run();
  ASSERT_TRUE(completion.ok()) << completion.status();
  const IsaSet isa = session_->options().isa;
  const HeadScreening screening = completion->recorded.Screening(model_->config.shape, isa);
  EXPECT_TRUE(screening.screened);
  EXPECT_GE(screening.head_rows, 20u * 2);
  const WorkTable expected =
      ExpectedWork(model_->config.shape, completion->recorded.schedule(), 0, 20, true, isa, screening);
  for (const KernelInfo& kernel : KernelTable()) {
    EXPECT_EQ(completion->recorded.record(kernel.kernel).work, expected[static_cast<int>(kernel.kernel)]) << kernel.id;
  }
}

TEST_F(GenerateTest, SameSeedSameTokensOtherSeedOthers) {
  request_.sampling = {.temperature = 1.5f, .seed = 1};
  const std::vector<TokenId> first = Run()->output;
  EXPECT_EQ(Run()->output, first);
  request_.sampling.seed = 2;
  EXPECT_NE(Run()->output, first);
}

TEST_F(GenerateTest, TopOneIsGreedy) {
  const std::vector<TokenId> greedy = Run()->output;
  request_.sampling = {.temperature = 1.0f, .top_k = 1, .seed = 3};
  EXPECT_EQ(Run()->output, greedy);
}

// A sink sees whole rows of logits, so nothing is screened: the same tokens either way, whatever chooses them.
TEST_F(GenerateTest, ScreenedLogitsChooseTheSameTokens) {
  const auto ignore = [](std::span<const float>) {};
  for (const SamplingParams& sampling :
       {SamplingParams{}, SamplingParams{.temperature = 1.2f, .top_k = 7, .seed = 5},
        SamplingParams{.temperature = 0.7f, .top_k = 12, .top_p = 0.8f, .min_p = 0.05f, .seed = 6}}) {
    for (bool ignore_eos : {false, true}) {
      request_.sampling = sampling;
      request_.ignore_eos = ignore_eos;
      request_.logits.reset();
      const auto screened = Run();
      ASSERT_TRUE(screened.ok()) << screened.status();
      const IsaSet isa = session_->options().isa;
      EXPECT_TRUE(screened->recorded.Screening(model_->config.shape, isa).screened) << sampling.top_k;
      request_.logits.emplace(ignore);
      const auto whole = Run();
      ASSERT_TRUE(whole.ok()) << whole.status();
      EXPECT_FALSE(whole->recorded.Screening(model_->config.shape, isa).screened);
      EXPECT_EQ(screened->output, whole->output) << "top-k " << sampling.top_k;
    }
  }
}

// min-p alone: what is far enough below the largest logit cannot be chosen.
TEST_F(GenerateTest, ScreenedLogitsChooseTheSameTokensByMinP) {
  const auto ignore = [](std::span<const float>) {};
  const ArchShape& shape = model_->config.shape;
  uint64_t whole_rows = 0, screened_rows = 0;
  for (uint64_t seed = 0; seed < 24; ++seed) {
    request_.sampling = {
        .temperature = 0.1f + static_cast<float>(seed % 4) / 4, .min_p = seed % 3 == 0 ? 0.5f : 0.05f, .seed = seed};
    request_.ignore_eos = seed % 2 == 0;
    request_.logits.reset();
    const auto screened = Run();
    ASSERT_TRUE(screened.ok()) << screened.status();
    const HeadScreening screening = screened->recorded.Screening(shape, session_->options().isa);
    EXPECT_TRUE(screening.screened);
    screened_rows += screening.head_rows;
    whole_rows += screened->output.size() * shape.vocab;
    request_.logits.emplace(ignore);
    const auto whole = Run();
    ASSERT_TRUE(whole.ok()) << whole.status();
    EXPECT_EQ(screened->output, whole->output) << "seed " << seed;
  }
  EXPECT_LT(screened_rows, whole_rows / 2);
}

// Choices that look at every logit get every logit.
TEST_F(GenerateTest, NothingIsScreenedWhereEveryLogitCounts) {
  for (const SamplingParams& sampling :
       {SamplingParams{.temperature = 1.0f}, SamplingParams{.temperature = 1.0f, .top_p = 0.5f},
        SamplingParams{.temperature = 1.0f, .top_p = 0.5f, .min_p = 0.1f}, SamplingParams{.repetition_penalty = 1.1f},
        SamplingParams{.temperature = 1.0f, .top_k = 5, .repetition_penalty = 1.1f}}) {
    request_.sampling = sampling;
    const auto completion = Run();
    ASSERT_TRUE(completion.ok()) << completion.status();
    EXPECT_FALSE(completion->recorded.Screening(model_->config.shape, session_->options().isa).screened);
  }
}

TEST_F(GenerateTest, LogitsSinkGetsARowForEveryTokenAndChangesNothing) {
  const std::vector<TokenId> plain = Run()->output;
  size_t rows = 0;
  std::vector<TokenId> chosen;
  const auto sink = [&](std::span<const float> row) {
    ++rows;
    chosen.push_back(static_cast<TokenId>(std::max_element(row.begin(), row.end()) - row.begin()));
  };
  request_.logits.emplace(sink);
  const auto completion = Run();
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->output, plain);
  EXPECT_EQ(rows, request_.prompt.size() + 20);
  EXPECT_EQ(std::vector<TokenId>(chosen.begin() + 9, chosen.end() - 1), plain);
}

TEST_F(GenerateTest, StopsAtAnEndOfGenerationToken) {
  // Continue from a prompt whose greedy next token is then declared one: any token of a completion will do, so the stop
  // string stands in, being the text of the third token.
  const std::vector<TokenId> plain = Run()->output;
  const std::string third = *model_->tokenizer.TokenBytes(plain[2], /*special=*/false);
  const std::string whole = text_;
  request_.stop = {third};
  const auto completion = Run();
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->finish, FinishReason::kStop);
  EXPECT_LE(completion->output.size(), 3u);
  EXPECT_EQ(text_, whole.substr(0, whole.find(third)));
}

TEST_F(GenerateTest, IgnoringEosTakesItOutOfTheChoice) {
  const std::vector<TokenId> plain = Run()->output;
  session_->Reset();
  ASSERT_TRUE(session_->Prefill(request_.prompt).ok());
  session_->MaskLogits(0, {{plain[0]}});
  EXPECT_NE(Argmax(session_->context(), session_->logits()), plain[0]);
  for (TokenId id : plain) EXPECT_FALSE(model_->tokenizer.IsEndOfGeneration(id));
}

TEST_F(GenerateTest, CancelledRunSaysSo) {
  std::atomic<bool> cancelled{true};
  request_.cancelled = &cancelled;
  const auto completion = Run();
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->finish, FinishReason::kInterrupted);
  EXPECT_LT(completion->output.size(), 20u);
}

TEST_F(GenerateTest, WhatCannotFitIsRefusedBeforeAnythingRuns) {
  request_.max_tokens = 120;
  const auto completion = Run();
  EXPECT_EQ(completion.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(completion.status().message(), HasSubstr("do not fit: 128 context positions are free"));
  EXPECT_EQ(session_->position(), 0);
}

TEST_F(GenerateTest, BadRequestsNameTheField) {
  request_.max_tokens = 0;
  EXPECT_THAT(Run().status().message(), HasSubstr("at least 1, got 0"));
  request_.max_tokens = 1;
  request_.prompt = {};
  EXPECT_THAT(Run().status().message(), HasSubstr("at least one token"));
  request_.prompt = {static_cast<TokenId>(model_->config.shape.vocab)};
  EXPECT_THAT(Run().status().message(), HasSubstr("token 0: expected an id in 0..2047, got 2048"));
}

// Weights may be finite and still too large: then activations or logits overflow, and no token is served.
TEST(GenerateOverflow, IsAnErrorNotATokenNorACrash) {
  const TestingModel small("nano", 6);
  for (const char* tensor : {"output_norm.weight", "blk.0.attn_norm.weight"}) {
    const std::string path = testing::TempDir() + "/overflow.gguf";
    WriteEdited(small.path(), path, [&](GgufEditor& editor) {
      GgufEditor::Tensor& norm = editor.tensor(tensor);
      for (size_t i = 0; i < norm.data.size(); i += sizeof(float)) norm.Put(i, 3e38f);
    });
    ThreadPool pool(2);
    const auto model = LoadedModel::Load(path, pool);
    ASSERT_TRUE(model.ok()) << model.status();
    const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 32});
    ASSERT_TRUE(session.ok()) << session.status();
    GenerateRequest request;
    request.prompt = {1, 2, 3};
    request.max_tokens = 4;
    for (float temperature : {0.0f, 1.0f}) {
      request.sampling.temperature = temperature;
      (*session)->Reset();
      EXPECT_EQ(Generate(**session, request, [](std::string_view) {}).status().code(), absl::StatusCode::kDataLoss)
          << tensor;
      EXPECT_TRUE((*session)->logits().empty());
      EXPECT_EQ((*session)->position(), 0);
      for (const KernelInfo& kernel : KernelTable()) {
        EXPECT_EQ((*session)->recorder().record(kernel.kernel).work, WorkCount{})
            << kernel.id << ": a pass that failed";
      }
    }
  }
}

}  // namespace
}  // namespace bitnet
