// One logits digest over instruction sets, threads, prefill chunks, prefill against decode against drafts, and
// compilers.
//
// The digests are pinned: g++ and clang builds of this test must both find them (docs/kernels.md, CA-1).

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int kThreads[] = {1, 2, 3, 5};
constexpr int64_t kChunks[] = {1, 7, 32, 4096};  // 4096: the whole prompt at once

// Not a multiple of any chunk, so that last chunks are short.
constexpr int kShortPrompt = 45;
// Beyond one block of 256 attention positions.
constexpr int kLongPrompt = 300;

// Of BitNet (ReLU squared, sub-norms, tied head), and of a Llama-like model (SiLU, no sub-norms, rows of interleaved
// rope, heads of 256, a head of its own).
constexpr char kShortDigest[] = "0b30ed2a9a2ac1f0614db63326640d96ba6c349d875d25e02c659819d1645a22";
constexpr char kLongDigest[] = "4832cb8540188ba581c6fb66df0e75256c2339e40f3323ac13ee2b56df82689e";
constexpr char kLlamaDigest[] = "cdce749422e7690ed6a3669500e580427e678aadf864c059302fde96d56cb55f";

const LoadedModel* Load(const TestingModel& file) {
  ThreadPool pool(2);
  auto loaded = LoadedModel::Load(file.path(), pool);
  CHECK(loaded.ok()) << loaded.status();
  return loaded->release();
}

// Two models for all tests of this binary.
const LoadedModel& Model() {
  static const auto* const file = new TestingModel("tiny", 1);
  static const LoadedModel* const model = Load(*file);
  return *model;
}
const LoadedModel& LlamaModel() {
  static const auto* const file = new TestingModel("tiny-llama", 1);
  static const LoadedModel* const model = Load(*file);
  return *model;
}

class Determinism : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!DetectIsaSet().Has(GetParam())) {
      GTEST_SKIP() << "this CPU lacks " << IsaName(GetParam()) << ": its kernels were not compared";
    }
  }

  // Digest of the logits of every position, fed as one prompt or token by token.
  static std::string LogitsDigest(Isa isa, int threads, int64_t chunk, int tokens, bool decode,
                                  const LoadedModel& model = Model()) {
    ThreadPool pool(threads);
    const auto session = Session::Create(
        model, pool, {.isa = IsaClosure(isa), .context = 512, .prefill_chunk = std::min<int64_t>(chunk, 512)});
    CHECK(session.ok()) << session.status();
    const std::vector<int32_t> ids = TestingIds(tokens, model.config.shape.vocab);
    Sha256 hash;
    const auto add = [&](std::span<const float> row) {
      hash.Update(std::span(reinterpret_cast<const uint8_t*>(row.data()), row.size_bytes()));
    };
    if (!decode) {
      CHECK((*session)->Prefill(ids, add).ok());
    } else {
      for (int32_t id : ids) {
        CHECK((*session)->Decode(id).ok());
        add((*session)->logits());
      }
    }
    return ToHex(hash.Finish());
  }
};

TEST_P(Determinism, EveryChunkAndThreadCountGivesTheSameBits) {
  for (int threads : kThreads) {
    for (int64_t chunk : kChunks) {
      EXPECT_EQ(LogitsDigest(GetParam(), threads, chunk, kShortPrompt, /*decode=*/false), kShortDigest)
          << threads << " threads, chunk " << chunk;
    }
  }
}

TEST_P(Determinism, DecodeEqualsPrefill) {
  for (int threads : kThreads) {
    EXPECT_EQ(LogitsDigest(GetParam(), threads, 1, kShortPrompt, /*decode=*/true), kShortDigest)
        << threads << " threads";
  }
}

// Passes of several decode rows, the last of which are wrong and not kept.
TEST_P(Determinism, DraftsEqualPrefill) {
  const std::vector<int32_t> ids = TestingIds(kShortPrompt, Model().config.shape.vocab);
  for (int threads : kThreads) {
    for (size_t rows : {2, 5, 16}) {
      ThreadPool pool(threads);
      const auto session = Session::Create(Model(), pool, {.isa = IsaClosure(GetParam()), .context = 512});
      ASSERT_TRUE(session.ok()) << session.status();
      Sha256 hash;
      size_t next = 0;
      for (size_t kept = 1; next < ids.size(); kept = kept % rows + 1) {
        kept = std::min(kept, ids.size() - next);
        std::vector<int32_t> fed(ids.begin() + static_cast<std::ptrdiff_t>(next),
                                 ids.begin() + static_cast<std::ptrdiff_t>(next + kept));
        fed.resize(rows, 9);
        ASSERT_TRUE((*session)->DecodeRows(fed).ok());
        (*session)->KeepRows(static_cast<int64_t>(kept));
        for (size_t row = 0; row < kept; ++row) {
          const std::span<const float> logits = (*session)->logits(static_cast<int64_t>(row));
          hash.Update(std::span(reinterpret_cast<const uint8_t*>(logits.data()), logits.size_bytes()));
        }
        next += kept;
      }
      EXPECT_EQ(ToHex(hash.Finish()), kShortDigest) << threads << " threads, " << rows << " rows";
    }
  }
}

TEST_P(Determinism, BeyondOneAttentionBlock) {
  EXPECT_EQ(LogitsDigest(GetParam(), 2, 4096, kLongPrompt, /*decode=*/false), kLongDigest);
  EXPECT_EQ(LogitsDigest(GetParam(), 3, 7, kLongPrompt, /*decode=*/false), kLongDigest);
  EXPECT_EQ(LogitsDigest(GetParam(), 2, 1, kLongPrompt, /*decode=*/true), kLongDigest);
}

TEST_P(Determinism, LlamaLikeModels) {
  for (int threads : {1, 3}) {
    for (int64_t chunk : {1, 7, 4096}) {
      EXPECT_EQ(LogitsDigest(GetParam(), threads, chunk, kShortPrompt, /*decode=*/false, LlamaModel()), kLlamaDigest)
          << threads << " threads, chunk " << chunk;
    }
  }
  EXPECT_EQ(LogitsDigest(GetParam(), 2, 1, kShortPrompt, /*decode=*/true, LlamaModel()), kLlamaDigest);
}

// The last row of a prompt without a sink is that of one with: logits of the last token only, chunks without logits.
TEST_P(Determinism, PromptWithoutSinkChoosesTheSame) {
  const std::vector<int32_t> ids = TestingIds(kShortPrompt, Model().config.shape.vocab);
  std::vector<float> last;
  for (int64_t chunk : kChunks) {
    ThreadPool pool(2);
    const auto session = Session::Create(
        Model(), pool, {.isa = IsaClosure(GetParam()), .context = 512, .prefill_chunk = std::min<int64_t>(chunk, 512)});
    ASSERT_TRUE(session.ok()) << session.status();
    ASSERT_TRUE((*session)->Prefill(ids).ok());
    const std::vector<float> logits((*session)->logits().begin(), (*session)->logits().end());
    if (last.empty()) last = logits;
    EXPECT_EQ(logits, last) << "chunk " << chunk;
  }
}

// Screening keeps the largest logits bit for bit, and the same rows on every instruction set and thread count.
TEST_P(Determinism, ScreenedLogitsAreThoseOfTheWholeHead) {
  constexpr int64_t kKeep = 5;
  const std::vector<int32_t> ids = TestingIds(kShortPrompt, Model().config.shape.vocab);
  std::vector<float> kept[2];
  for (int threads : {1, 3}) {
    for (Isa isa : {Isa::kScalar, GetParam()}) {
      ThreadPool pool(threads);
      const auto session =
          Session::Create(Model(), pool, {.isa = IsaClosure(isa), .context = 512, .prefill_chunk = 512});
      ASSERT_TRUE(session.ok()) << session.status();
      for (int64_t keep : {int64_t{0}, kKeep}) {
        (*session)->Reset();
        (*session)->KeepLogits({.largest = keep});
        ASSERT_TRUE((*session)->Prefill(std::span(ids).first(7)).ok());
        std::vector<float> all;
        for (size_t i = 7; i < ids.size(); ++i) {
          ASSERT_TRUE((*session)->Decode(ids[i]).ok());
          all.insert(all.end(), (*session)->logits().begin(), (*session)->logits().end());
        }
        std::vector<float>& want = kept[keep > 0];
        if (want.empty()) want = all;
        EXPECT_EQ(want, all) << IsaName(isa) << ", " << threads << " threads, keep " << keep;
      }
    }
  }
  const size_t vocab = Model().config.shape.vocab;
  size_t left_out = 0;
  for (size_t row = 0; row < kept[0].size(); row += vocab) {
    std::vector<float> largest(kept[0].begin() + row, kept[0].begin() + row + vocab);
    std::nth_element(largest.begin(), largest.begin() + kKeep - 1, largest.end(), std::greater<float>());
    for (size_t i = row; i < row + vocab; ++i) {
      const bool out = std::isinf(kept[1][i]);
      left_out += out;
      if (out) {
        EXPECT_LT(kept[0][i], largest[kKeep - 1]);
      } else {
        EXPECT_EQ(kept[1][i], kept[0][i]);
      }
    }
  }
  EXPECT_GT(left_out, kept[0].size() / 2) << "of " << kept[0].size();
}

INSTANTIATE_TEST_SUITE_P(Isas, Determinism,
                         testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512, Isa::kAvx512Vnni),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

}  // namespace
}  // namespace bitnet
