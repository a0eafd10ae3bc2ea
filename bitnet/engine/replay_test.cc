// A run and its replay commit to the same numbers, however each was computed; a run that was tampered with does not.

#include "bitnet/engine/replay.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/kernels/kernel_testing.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

struct Executed {
  Completion completion;
  Commitment commitment;
  CommitmentRoots roots;
};

// How a run is computed, which must not show in its numbers.
struct Way {
  Isa isa = Isa::kScalar;
  int threads = 1;
  int64_t chunk = 256;
};

class ReplayTest : public testing::Test {
 protected:
  ReplayTest() : loader_(2), file_("tiny", 5) { model_ = Load(file_.path()); }

  std::unique_ptr<const LoadedModel> Load(const std::string& path) {
    auto model = LoadedModel::Load(path, loader_);
    CHECK(model.ok()) << model.status();
    return *std::move(model);
  }

  std::unique_ptr<Session> Start(const LoadedModel& model, ThreadPool& pool, const Way& way) {
    const IsaSet isa = IsaClosure(way.isa).Intersect(DetectIsaSet());
    auto session = Session::Create(model, pool, {.isa = isa, .context = 128, .prefill_chunk = way.chunk});
    CHECK(session.ok()) << session.status();
    return *std::move(session);
  }

  GenerateRequest Request(SamplingParams sampling = {}) {
    GenerateRequest request;
    request.prompt = TestingIds(37, model_->config.shape.vocab);
    request.max_tokens = 20;
    request.ignore_eos = true;
    request.sampling = sampling;
    return request;
  }

  Executed Execute(const GenerateRequest& request, const Way& way) {
    ThreadPool pool(way.threads);
    const auto session = Start(*model_, pool, way);
    Committer committer(model_->config.shape, kSession, pool, /*keep=*/true);
    GenerateRequest committed = request;
    committed.committer = &committer;
    auto completion = Generate(*session, committed, [](std::string_view) {});
    CHECK(completion.ok()) << completion.status();
    return {*completion, committer.commitment(), completion->commitment->roots};
  }

  Replayed ReplayOf(const GenerateRequest& request, const std::vector<TokenId>& output, const Way& way,
                    const LoadedModel* model = nullptr) {
    ThreadPool pool(way.threads);
    const auto session = Start(model == nullptr ? *model_ : *model, pool, way);
    ReplayRequest replay = {.prompt = request.prompt,
                            .output = output,
                            .sampling = request.sampling,
                            .ignore_eos = request.ignore_eos,
                            .session = kSession};
    auto replayed = Replay(*session, replay);
    CHECK(replayed.ok()) << replayed.status();
    // Screened logits choose alike.
    session->Reset();
    replay.screen = true;
    const auto screened = Replay(*session, replay);
    CHECK(screened.ok()) << screened.status();
    EXPECT_EQ(screened->roots.numerics_root, replayed->roots.numerics_root);
    EXPECT_EQ(screened->wrong_choice, replayed->wrong_choice);
    return *std::move(replayed);
  }

  static inline const Digest kSession = Sha256Of("a session");
  ThreadPool loader_;
  TestingModel file_;
  std::unique_ptr<const LoadedModel> model_;
};

constexpr Way kWays[] = {{Isa::kScalar, 1, 7}, {Isa::kAvx2, 2, 32}, {Isa::kAvx512Vnni, 3, 256}, {Isa::kScalar, 5, 1}};

TEST_F(ReplayTest, OneRootHoweverItIsComputed) {
  for (const SamplingParams& sampling :
       {SamplingParams(), SamplingParams{.temperature = 1.2f, .top_k = 50, .repetition_penalty = 1.3f, .seed = 7}}) {
    const GenerateRequest request = Request(sampling);
    const Executed run = Execute(request, {});
    EXPECT_EQ(run.roots.size, 37u + 20u - 1u);
    EXPECT_EQ(run.roots.observed_size, 1u + 19u);
    EXPECT_EQ(RootsOf(run.commitment), run.roots);
    for (const Way& way : kWays) {
      const std::string what = absl::StrCat(IsaName(way.isa), " ", way.threads, " ", way.chunk);
      if (!CpuHas(way.isa, what)) continue;
      const Executed other = Execute(request, way);
      EXPECT_EQ(other.roots.numerics_root, run.roots.numerics_root) << what;
      EXPECT_EQ(other.commitment.numerics, run.commitment.numerics) << what;
      const Replayed replayed = ReplayOf(request, run.completion.output, way);
      EXPECT_EQ(replayed.roots.numerics_root, run.roots.numerics_root) << what;
      EXPECT_EQ(replayed.commitment.layer_digests, run.commitment.layer_digests) << what;
      EXPECT_FALSE(replayed.wrong_choice) << what;
    }
  }
}

// A tree without the file is the same tree.
TEST_F(ReplayTest, KeepingChangesNothing) {
  const GenerateRequest request = Request();
  const Executed kept = Execute(request, {});
  ThreadPool pool(2);
  const auto session = Start(*model_, pool, {});
  Committer committer(model_->config.shape, kSession, pool);
  GenerateRequest committed = request;
  committed.committer = &committer;
  const auto completion = Generate(*session, committed, [](std::string_view) {});
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->commitment->roots.numerics_root, kept.roots.numerics_root);
  EXPECT_TRUE(committer.commitment().numerics.empty());
  EXPECT_EQ(completion->output, kept.completion.output);
}

// The leaf of the position at which a token was exchanged says so, and so does every later one.
TEST_F(ReplayTest, AnExchangedTokenIsFound) {
  const GenerateRequest request = Request();
  const Executed run = Execute(request, {});
  std::vector<TokenId> output = run.completion.output;
  output[5] = (output[5] + 1) % static_cast<TokenId>(model_->config.shape.vocab);
  const Replayed replayed = ReplayOf(request, output, {});
  ASSERT_TRUE(replayed.wrong_choice);
  EXPECT_EQ(replayed.wrong_choice->index, 5u);
  EXPECT_EQ(replayed.wrong_choice->expected, run.completion.output[5]);
  EXPECT_EQ(replayed.wrong_choice->got, output[5]);
  const size_t position = 37 - 1 + 5;
  for (size_t i = 0; i < position; ++i) {
    EXPECT_EQ(replayed.commitment.numerics[i], run.commitment.numerics[i]) << i;
  }
  EXPECT_NE(replayed.commitment.numerics[position], run.commitment.numerics[position]);
  EXPECT_NE(replayed.commitment.numerics[position + 1].layers_root, run.commitment.numerics[position + 1].layers_root);
  EXPECT_NE(replayed.roots.numerics_root, run.roots.numerics_root);
}

TEST_F(ReplayTest, AnotherModelHasAnotherRoot) {
  const GenerateRequest request = Request();
  const Executed run = Execute(request, {});
  const TestingModel other_file("tiny", 6);
  const auto other = Load(other_file.path());
  const Replayed replayed = ReplayOf(request, run.completion.output, {}, other.get());
  EXPECT_NE(replayed.roots.numerics_root, run.roots.numerics_root);
  EXPECT_NE(replayed.commitment.layer_digests[0], run.commitment.layer_digests[0]);
}

TEST_F(ReplayTest, NothingToReplayIsAnError) {
  ThreadPool pool(1);
  const auto session = Start(*model_, pool, {});
  EXPECT_FALSE(Replay(*session, {.prompt = {}, .output = {1}}).ok());
  EXPECT_FALSE(Replay(*session, {.prompt = {1}, .output = {}}).ok());
  EXPECT_FALSE(Replay(*session, {.prompt = {1, -5}, .output = {1}}).ok());
  EXPECT_FALSE(Replay(*session, {.prompt = std::vector<TokenId>(100, 1), .output = std::vector<TokenId>(30, 1)}).ok());
}

TEST(TopTwoTest, EqualsAPlainLoop) {
  const auto plain = [](const std::vector<float>& logits) {
    size_t best = 0;
    for (size_t i = 1; i < logits.size(); ++i) best = logits[i] > logits[best] ? i : best;
    size_t second = best == 0 ? 1 : 0;
    for (size_t i = 0; i < logits.size(); ++i) {
      if (i != best && logits[i] > logits[second]) second = i;
    }
    return TopTwo{static_cast<uint32_t>(best), logits[best], logits[second]};
  };
  for (int size : {2, 3, 17, 255, 256, 257, 1000, 2048}) {
    for (int seed = 0; seed < 50; ++seed) {
      std::vector<float> logits;
      // Few values, so that equals are common.
      for (int32_t id : TestingIds(size + seed, seed % 2 == 0 ? 7 : 100000)) logits.push_back(static_cast<float>(-id));
      logits.erase(logits.begin(), logits.begin() + seed);
      const TopTwo expected = plain(logits);
      const TopTwo got = TopTwoOf(logits);
      EXPECT_EQ(got.argmax, expected.argmax);
      EXPECT_EQ(got.top1, expected.top1);
      EXPECT_EQ(got.top2, expected.top2);
    }
  }
}

}  // namespace
}  // namespace bitnet
