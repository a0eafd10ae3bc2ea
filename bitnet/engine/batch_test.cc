// Sequences decoded together get the tokens and the logits that each gets alone.

#include "bitnet/engine/batch.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kSequences = 5;

class BatchTest : public testing::Test {
 protected:
  BatchTest() : file_("tiny", 11), model_(LoadedModel::Load(file_.path(), pool_)) {
    EXPECT_TRUE(model_.ok()) << model_.status();
    const int64_t vocab = static_cast<int64_t>((*model_)->config.shape.vocab);
    for (int64_t i = 0; i < kSequences; ++i) {  // of different lengths, so that positions differ
      prompts_.emplace_back();
      for (int64_t j = 0; j < 3 + 4 * i; ++j) prompts_.back().push_back(static_cast<TokenId>((7 * i + 5 * j) % vocab));
    }
  }

  std::unique_ptr<Session> Make(IsaSet isa, int64_t sequences, int64_t context = 96) {
    auto session = Session::Create(**model_, pool_, {.isa = isa, .context = context, .sequences = sequences});
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }

  static std::vector<TokenId> Alone(Session& session, const BatchRequest& request, size_t i) {
    session.Reset();
    const auto completion = Generate(session,
                                     {.prompt = request.prompts[i],
                                      .max_tokens = request.max_tokens,
                                      .sampling = request.sampling,
                                      .ignore_eos = request.ignore_eos},
                                     [](std::string_view) {});
    EXPECT_TRUE(completion.ok()) << completion.status();
    return completion->output;
  }

  TestingModel file_;
  ThreadPool pool_{2};
  absl::StatusOr<std::unique_ptr<const LoadedModel>> model_;
  std::vector<std::vector<TokenId>> prompts_;
};

TEST_F(BatchTest, EverySequenceGetsTheTokensThatItGetsAlone) {
  SamplingParams top_k, top_p;
  top_k.temperature = top_p.temperature = 0.9f;
  top_k.top_k = 12;
  top_p.top_p = 0.8f;
  top_k.seed = top_p.seed = 3;
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni}) {
    if (!CpuHas(isa, "batches")) continue;
    const auto alone = Make(IsaClosure(isa), 1);
    const auto session = Make(IsaClosure(isa), kSequences);
    for (const SamplingParams& sampling : {SamplingParams(), top_k, top_p}) {
      for (bool ignore_eos : {false, true}) {
        const BatchRequest request = {
            .prompts = prompts_, .max_tokens = 16, .sampling = sampling, .ignore_eos = ignore_eos};
        session->Reset();
        const auto batch = GenerateBatch(*session, request);
        ASSERT_TRUE(batch.ok()) << batch.status();
        ASSERT_EQ(batch->outputs.size(), prompts_.size());
        uint64_t longest = 0;
        for (size_t i = 0; i < prompts_.size(); ++i) {
          EXPECT_EQ(batch->outputs[i].tokens, Alone(*alone, request, i)) << IsaName(isa) << " sequence " << i;
          longest = std::max<uint64_t>(longest, batch->outputs[i].tokens.size());
        }
        EXPECT_EQ(batch->decode_passes, longest - 1) << "one pass for all sequences";
        EXPECT_FALSE(batch->interrupted);
      }
    }
  }
}

// The others go on in rows of their own when one has ended.
TEST_F(BatchTest, SequencesEndOneByOne) {
  const auto alone = Make(DetectIsaSet(), 1);
  BatchRequest request = {.prompts = prompts_, .max_tokens = 16};
  request.sampling.temperature = 3;  // so that sequences differ
  request.sampling.seed = 5;
  const TokenId eos = Alone(*alone, request, 1)[5];
  const std::string path = testing::TempDir() + "/ends.gguf";
  WriteEdited(file_.path(), path,
              [&](GgufEditor& editor) { editor.SetU32("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(eos)); });
  model_ = LoadedModel::Load(path, pool_);
  ASSERT_TRUE(model_.ok()) << model_.status();
  const auto ends = Make(DetectIsaSet(), 1);
  const auto session = Make(DetectIsaSet(), kSequences);
  const auto batch = GenerateBatch(*session, request);
  ASSERT_TRUE(batch.ok()) << batch.status();
  for (size_t i = 0; i < prompts_.size(); ++i) {
    EXPECT_EQ(batch->outputs[i].tokens, Alone(*ends, request, i)) << "sequence " << i;
  }
  EXPECT_LE(batch->outputs[1].tokens.size(), 6u);
  EXPECT_EQ(batch->outputs[1].finish, FinishReason::kEos);
  EXPECT_EQ(batch->outputs[1].tokens.back(), eos);
  EXPECT_EQ(batch->outputs[0].tokens.size(), 16u);
  EXPECT_EQ(batch->outputs[4].tokens.size(), 16u);
}

// More prompts than sequences, some of which begin alike or are the same: whatever is reused, and however many
// sequences there are, each prompt gets what it gets alone.
TEST_F(BatchTest, ReusesWhatPromptsBeginWithAlike) {
  std::vector<std::vector<TokenId>> prompts = prompts_;
  for (int i = 0; i < 3; ++i) {
    prompts.push_back(prompts_[4]);
    for (int j = 0; j <= i; ++j) prompts.back().push_back(static_cast<TokenId>(30 + 4 * i + j));
  }
  prompts.push_back(prompts_[4]);
  prompts.push_back({prompts_[4][0]});
  BatchRequest request = {.prompts = prompts, .max_tokens = 9};
  request.sampling.temperature = 3;
  request.sampling.seed = 8;
  const auto alone = Make(DetectIsaSet(), 1);
  std::vector<std::vector<TokenId>> want;
  for (size_t i = 0; i < prompts.size(); ++i) want.push_back(Alone(*alone, request, i));
  const int64_t whole = static_cast<int64_t>(prompts_[4].size());
  for (int64_t sequences : {1, 2, 3, 16}) {
    const auto session = Make(DetectIsaSet(), sequences);
    uint64_t rows[2];
    for (bool reuse : {false, true}) {
      SCOPED_TRACE(testing::Message() << sequences << " sequences, reuse " << reuse);
      session->Reset();
      request.reuse_prefixes = reuse;
      std::vector<size_t> ended;
      const auto note = [&](size_t prompt, const BatchOutput& output) {
        EXPECT_EQ(output.tokens, want[prompt]);
        ended.push_back(prompt);
        return absl::OkStatus();
      };
      request.on_output.emplace(note);
      const auto batch = GenerateBatch(*session, request);
      ASSERT_TRUE(batch.ok()) << batch.status();
      int64_t reused = 0, fed = 0;
      for (size_t i = 0; i < prompts.size(); ++i) {
        EXPECT_EQ(batch->outputs[i].tokens, want[i]) << "prompt " << i;
        EXPECT_LT(batch->outputs[i].reused, static_cast<int64_t>(prompts[i].size()));
        reused += batch->outputs[i].reused;
        fed += static_cast<int64_t>(prompts[i].size() + want[i].size()) - 1;
      }
      std::sort(ended.begin(), ended.end());
      EXPECT_EQ(ended.size(), prompts.size());
      EXPECT_EQ(std::unique(ended.begin(), ended.end()), ended.end()) << "each once";
      rows[reuse] = batch->recorded.record(SelectKernel(Op::kEmbeddingLookup, 1, session->options().isa)).work.rows;
      EXPECT_EQ(rows[reuse], static_cast<uint64_t>(fed - reused)) << "what is reused is not computed";
      if (!reuse) {
        EXPECT_EQ(reused, 0);
      } else if (sequences > 1) {
        for (size_t i : {5, 6, 7}) EXPECT_EQ(batch->outputs[i].reused, whole) << "prompt " << i;
        EXPECT_EQ(batch->outputs[8].reused, whole - 1) << "the last token is always fed";
        EXPECT_EQ(batch->outputs[9].reused, 0);
      }
    }
  }
}

TEST_F(BatchTest, ReusesGeneratedText) {
  const auto alone = Make(DetectIsaSet(), 1);
  BatchRequest request = {.prompts = {prompts_[2]}, .max_tokens = 9, .ignore_eos = true};
  const std::vector<TokenId> generated = Alone(*alone, request, 0);
  request.prompts.push_back(prompts_[2]);
  request.prompts[1].insert(request.prompts[1].end(), generated.begin(), generated.end());
  request.prompts[1].push_back(40);
  request.prompts.push_back(request.prompts[1]);
  for (TokenId& id : request.prompts[2]) id = (id + 1) % 40;  // shares nothing
  const auto session = Make(DetectIsaSet(), 1);               // so that one prompt comes after the other
  const auto batch = GenerateBatch(*session, request);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->outputs[0].tokens, generated);
  EXPECT_EQ(batch->outputs[1].reused, static_cast<int64_t>(prompts_[2].size() + generated.size()) - 1)
      << "the last token generated was never fed";
  EXPECT_EQ(batch->outputs[1].tokens, Alone(*alone, request, 1));
  EXPECT_EQ(batch->outputs[2].reused, 0);
  EXPECT_EQ(batch->outputs[2].tokens, Alone(*alone, request, 2));
}

// A sink may end the batch, and a flag that it raises does.
TEST_F(BatchTest, EndsInBetween) {
  const auto session = Make(DetectIsaSet(), 2);
  BatchRequest request = {.prompts = prompts_, .max_tokens = 4, .ignore_eos = true};
  std::atomic<bool> cancelled = false;
  request.cancelled = &cancelled;
  const auto raise = [&](size_t, const BatchOutput&) {
    cancelled = true;
    return absl::OkStatus();
  };
  request.on_output.emplace(raise);
  const auto interrupted = GenerateBatch(*session, request);
  ASSERT_TRUE(interrupted.ok()) << interrupted.status();
  EXPECT_TRUE(interrupted->interrupted);
  EXPECT_EQ(interrupted->outputs[0].finish, FinishReason::kLength);
  EXPECT_EQ(interrupted->outputs[0].tokens.size(), 4u);
  EXPECT_EQ(interrupted->outputs[4].finish, FinishReason::kInterrupted);
  EXPECT_TRUE(interrupted->outputs[4].tokens.empty());
  session->Reset();
  cancelled = false;
  const auto refuse = [](size_t, const BatchOutput&) { return absl::InternalError("no more room"); };
  request.on_output.emplace(refuse);
  EXPECT_EQ(GenerateBatch(*session, request).status(), absl::InternalError("no more room"));
}

TEST_F(BatchTest, LogitsAreTheSameBits) {
  const auto together = Make(DetectIsaSet(), 3);
  const auto alone = Make(DetectIsaSet(), 1);
  std::vector<TokenId> next;
  for (int64_t i = 0; i < 3; ++i) {
    together->SelectSequence(i);
    ASSERT_TRUE(together->Prefill(prompts_[i]).ok());
    next.push_back(static_cast<TokenId>(20 + i));
  }
  // Sequence 1 pauses in the second pass and is last in the third.
  const std::vector<std::vector<int64_t>> passes = {{0, 1, 2}, {2, 0}, {2, 0, 1}};
  std::vector<std::vector<TokenId>> fed(prompts_.begin(), prompts_.begin() + 3);
  for (const std::vector<int64_t>& sequences : passes) {
    std::vector<TokenId> ids;
    for (int64_t sequence : sequences) ids.push_back(next[sequence]++);
    ASSERT_TRUE(together->DecodeTogether(sequences, ids).ok());
    for (size_t row = 0; row < sequences.size(); ++row) {
      std::vector<TokenId>& history = fed[sequences[row]];
      history.push_back(ids[row]);
      alone->Reset();
      ASSERT_TRUE(alone->Prefill(history).ok());
      const std::span<const float> want = alone->logits(), got = together->logits(static_cast<int64_t>(row));
      ASSERT_EQ(want.size(), got.size());
      for (size_t i = 0; i < want.size(); ++i) {
        ASSERT_EQ(std::bit_cast<uint32_t>(want[i]), std::bit_cast<uint32_t>(got[i])) << "row " << row << " id " << i;
      }
    }
  }
  together->SelectSequence(1);
  EXPECT_EQ(together->position(), static_cast<int64_t>(fed[1].size()));
  together->Reset();
  for (int64_t i = 0; i < 3; ++i) {
    together->SelectSequence(i);
    EXPECT_EQ(together->position(), 0);
  }
}

TEST_F(BatchTest, RefusesWhatCannotRun) {
  const auto session = Make(DetectIsaSet(), 2, 32);
  EXPECT_EQ(GenerateBatch(*session, {}).status().code(), absl::StatusCode::kInvalidArgument);
  const std::vector<std::vector<TokenId>> two(prompts_.begin(), prompts_.begin() + 2);
  EXPECT_EQ(GenerateBatch(*session, {.prompts = two, .max_tokens = 0}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GenerateBatch(*session, {.prompts = two, .max_tokens = 27}).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(GenerateBatch(*session, {.prompts = two, .max_tokens = 26}).ok()) << "7 + 26 - 1 positions";
  EXPECT_EQ(GenerateBatch(*session, {.prompts = two, .max_tokens = 2}).status().code(),
            absl::StatusCode::kFailedPrecondition)
      << "the sequences are not empty";
  session->Reset();
  EXPECT_EQ(GenerateBatch(*session, {.prompts = {{1, 2}, {}}, .max_tokens = 2}).status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto unknown = GenerateBatch(*session, {.prompts = {{1, 2}, {3, 1 << 20}}, .max_tokens = 2});
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(unknown.status().message(), testing::HasSubstr("prompt 1: token 1: expected an id in 0.."));
  EXPECT_EQ(session->caches()[0].length(), 0) << "before anything ran";
  std::atomic<bool> cancelled = true;
  const auto interrupted = GenerateBatch(*session, {.prompts = two, .max_tokens = 4, .cancelled = &cancelled});
  ASSERT_TRUE(interrupted.ok());
  EXPECT_TRUE(interrupted->interrupted);
  const auto none = Session::Create(**model_, pool_, {.isa = DetectIsaSet(), .context = 32, .sequences = 0});
  EXPECT_EQ(none.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace bitnet
