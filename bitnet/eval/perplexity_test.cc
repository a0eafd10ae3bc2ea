// Perplexity against another computation of the same thing, and its independence of how it is computed.

#include "bitnet/eval/perplexity.h"

#include <atomic>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

constexpr size_t kTokens = 41;

const LoadedModel& Model() {
  static const auto* const file = new TestingModel("nano", 3);
  static const LoadedModel* const model = [] {
    ThreadPool pool(1);
    auto loaded = LoadedModel::Load(file->path(), pool);
    CHECK(loaded.ok()) << loaded.status();
    return loaded->release();
  }();
  return *model;
}

std::vector<TokenId> Text(int tokens = kTokens) { return TestingIds(tokens, Model().config.shape.vocab); }

struct Machine {
  int threads = 1;
  int64_t chunk = 256;
  IsaSet isa = DetectIsaSet();
  size_t max_windows = 1000;
};

absl::StatusOr<PerplexityResult> Compute(const std::vector<TokenId>& text, const WindowOptions& options,
                                         const Machine& machine = {}, const std::atomic<bool>* cancelled = nullptr) {
  ThreadPool pool(machine.threads);
  auto session = Session::Create(Model(), pool, {.isa = machine.isa, .context = 64, .prefill_chunk = machine.chunk});
  CHECK(session.ok()) << session.status();
  return ComputePerplexity(**session, text, options, machine.max_windows, cancelled, [](size_t, size_t, double) {});
}

// Logits of the last of `ids`, by decoding token by token from an empty cache; -log p of `next` in long double.
long double NllOf(const std::vector<TokenId>& ids, TokenId next) {
  static auto* const pool = new ThreadPool(1);
  static Session* const session = Session::Create(Model(), *pool, {.context = 64})->release();
  session->Reset();
  for (const TokenId id : ids) CHECK(session->Decode(id).ok());
  long double sum = 0;
  for (const float logit : session->logits()) sum += std::exp(static_cast<long double>(logit));
  return std::log(sum) - session->logits()[static_cast<size_t>(next)];
}

// Each token of a sliding window, from its definition: after the first window, token t is scored by the window that
// ends with the stride which t is in.
TEST(Perplexity, SlidingIsWhatItsDefinitionSays) {
  const std::vector<TokenId> text = Text(15);
  constexpr size_t kContext = 6, kStride = 2;
  const auto result = Compute(text, {.context = kContext, .stride = kStride, .bos = true});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->scored, text.size());
  long double sum = 0;
  for (size_t t = 0; t < text.size(); ++t) {
    const size_t window = t < kContext ? 0 : (t - kContext) / kStride + 1;
    std::vector<TokenId> fed = {*Model().tokenizer.bos()};
    fed.insert(fed.end(), text.begin() + static_cast<ptrdiff_t>(window * kStride),
               text.begin() + static_cast<ptrdiff_t>(t));
    const long double nll = NllOf(fed, text[t]);
    EXPECT_NEAR(result->token_nll[t], static_cast<double>(nll), 1e-12) << t;
    sum += nll;
  }
  EXPECT_NEAR(result->nll, static_cast<double>(sum / text.size()), 1e-12);
  EXPECT_NEAR(result->perplexity, static_cast<double>(std::exp(sum / text.size())), 1e-8);
  EXPECT_EQ(result->windows, 6u);  // 6 tokens, then 2 each: 6 + 4 * 2 + 1
  EXPECT_EQ(result->fed, 6u * 5 + 5);
  EXPECT_EQ(result->context, result->fed - 15);
}

TEST(Perplexity, LlamaCppIsWhatItsDefinitionSays) {
  const std::vector<TokenId> text = Text(21);
  std::vector<TokenId> tokens = {*Model().tokenizer.bos()};
  tokens.insert(tokens.end(), text.begin(), text.end());
  constexpr size_t kContext = 8;
  const auto result = Compute(text, {.method = WindowMethod::kLlamaCpp, .context = kContext, .bos = true});
  ASSERT_TRUE(result.ok()) << result.status();
  size_t scored = 0;
  for (size_t chunk = 0; chunk < tokens.size() / kContext; ++chunk) {
    std::vector<TokenId> ids(tokens.begin() + static_cast<ptrdiff_t>(chunk * kContext),
                             tokens.begin() + static_cast<ptrdiff_t>((chunk + 1) * kContext));
    ids[0] = tokens[0];
    for (size_t j = kContext / 2; j < kContext - 1; ++j) {
      const std::vector<TokenId> fed(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(j) + 1);
      EXPECT_NEAR(result->token_nll[scored++], static_cast<double>(NllOf(fed, ids[j + 1])), 1e-12);
    }
  }
  EXPECT_EQ(result->scored, scored);
  EXPECT_EQ(scored, 2u * 3);
}

TEST(Perplexity, DoesNotDependOnThreadsChunksOrInstructionSets) {
  const WindowOptions options = {.context = 16, .stride = 5, .bos = true};
  const auto first = Compute(Text(), options);
  ASSERT_TRUE(first.ok()) << first.status();
  for (const Machine& machine : {Machine{.threads = 2}, Machine{.threads = 3, .chunk = 1}, Machine{.chunk = 7},
                                 Machine{.threads = 2, .chunk = 3, .isa = {Isa::kScalar}}}) {
    const auto other = Compute(Text(), options, machine);
    ASSERT_TRUE(other.ok()) << other.status();
    EXPECT_EQ(other->token_nll, first->token_nll) << machine.threads << " threads, chunk " << machine.chunk;
    EXPECT_EQ(other->perplexity, first->perplexity);
  }
}

TEST(Perplexity, AStrideOfTheContextIsDisjointWindows) {
  const std::vector<TokenId> text = Text();
  const auto whole = Compute(text, {.context = 8, .stride = 8, .bos = true});
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->windows, 6u);
  EXPECT_EQ(whole->context, 0u);
  // Each window for itself.
  std::vector<double> pieces;
  for (size_t begin = 0; begin < text.size(); begin += 8) {
    const std::vector<TokenId> piece(text.begin() + static_cast<ptrdiff_t>(begin),
                                     text.begin() + static_cast<ptrdiff_t>(std::min(begin + 8, text.size())));
    const auto part = Compute(piece, {.context = 64, .stride = 64, .bos = true});
    ASSERT_TRUE(part.ok()) << part.status();
    pieces.insert(pieces.end(), part->token_nll.begin(), part->token_nll.end());
  }
  EXPECT_EQ(whole->token_nll, pieces);
}

TEST(Perplexity, WithoutBosTheFirstTokenIsNotScored) {
  const auto result = Compute(Text(), {.context = 64, .stride = 64});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->scored, kTokens - 1);
  EXPECT_NEAR(result->token_nll[0], static_cast<double>(NllOf({Text()[0]}, Text()[1])), 1e-12);
  EXPECT_FALSE(result->nll_interval.has_value()) << "40 tokens are one block";
}

TEST(Perplexity, AFewWindowsOfManyAreTheFirst) {
  const WindowOptions options = {.context = 8, .stride = 4, .bos = true};
  const auto all = Compute(Text(), options);
  const auto two = Compute(Text(), options, {.max_windows = 2});
  ASSERT_TRUE(all.ok() && two.ok());
  EXPECT_EQ(two->windows, 2u);
  EXPECT_EQ(two->scored, 12u);
  EXPECT_TRUE(std::equal(two->token_nll.begin(), two->token_nll.end(), all->token_nll.begin()));
  EXPECT_THAT(Compute(Text(), options, {.max_windows = 0}).status().message(), HasSubstr("no token to score"));
}

TEST(Perplexity, CountsTheBytesOfTheScoredTokens) {
  std::vector<TokenId> text = Model().tokenizer.Encode("some words and more", {.add_bos = false});
  const auto result = Compute(text, {.context = 64, .stride = 64, .bos = true});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->bytes, 19u);
}

TEST(Perplexity, WhatCannotBeScoredIsRefused) {
  const WindowOptions options = {.context = 8, .stride = 4, .bos = true};
  EXPECT_THAT(Compute({}, options).status().message(), HasSubstr("no token to score"));
  EXPECT_THAT(Compute({1, 512}, options).status().message(), HasSubstr("token 1: expected an id in 0..511, got 512"));
  EXPECT_THAT(Compute(Text(), {.context = 65, .stride = 4}).status().message(),
              HasSubstr("expected at most 64 positions, got 65"));
  const std::atomic<bool> stop{true};
  EXPECT_EQ(Compute(Text(), options, {}, &stop).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace bitnet
