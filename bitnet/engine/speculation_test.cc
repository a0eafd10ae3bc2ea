// Drafting changes how a run is computed and nothing else: tokens, text, finish, logits and numerics root are those of
// a run that drafts nothing, whatever chooses the tokens and wherever a draft ends.

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/repeating_model.h"
#include "bitnet/engine/replay.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/kernel_testing.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kContext = 512;
constexpr int64_t kDrafts[] = {1, 2, 3, 7, 15};

// How a run is computed, which must not show in what it says.
struct Way {
  Isa isa = Isa::kAvx512Vnni;
  int threads = 2;
  int64_t chunk = 64;
  int64_t context = kContext;
};

struct Executed {
  Completion completion;
  std::string text;
  std::vector<float> logits;  // of a sink, when one is wanted
  Commitment commitment;
};

// The file with changes, loaded.
std::unique_ptr<const LoadedModel> LoadEdited(const std::string& path, absl::FunctionRef<void(GgufEditor&)> edit) {
  const std::string edited = absl::StrCat(path, ".edited.gguf");
  WriteEdited(path, edited, edit);
  ThreadPool pool(2);
  auto model = LoadedModel::Load(edited, pool);
  CHECK(model.ok()) << model.status();
  return *std::move(model);
}

std::unique_ptr<Session> Start(const LoadedModel& model, ThreadPool& pool, const Way& way) {
  const IsaSet isa = IsaClosure(way.isa).Intersect(DetectIsaSet());
  auto session = Session::Create(model, pool, {.isa = isa, .context = way.context, .prefill_chunk = way.chunk});
  CHECK(session.ok()) << session.status();
  return *std::move(session);
}

class SpeculationTest : public testing::Test {
 protected:
  SpeculationTest() : file_("tiny-llama", 5), model_(LoadEdited(file_.path(), MakeCircular)) {
    request_.prompt = TestingIds(24, model_->config.shape.vocab);
    request_.max_tokens = 40;
    request_.ignore_eos = true;
  }

  static Executed Execute(const LoadedModel& model, const GenerateRequest& request, const Way& way = {}) {
    ThreadPool pool(way.threads);
    return Execute(*Start(model, pool, way), request);
  }

  static Executed Execute(Session& session, const GenerateRequest& request, bool with_logits = false) {
    session.Reset();
    Committer committer(session.model().config.shape, Sha256Of("a session"), session.context().pool, /*keep=*/true);
    Executed executed;
    GenerateRequest committed = request;
    committed.committer = &committer;
    const auto sink = [&](std::span<const float> row) {
      executed.logits.insert(executed.logits.end(), row.begin(), row.end());
    };
    if (with_logits) committed.logits.emplace(sink);
    auto completion = Generate(session, committed, [&](std::string_view piece) { executed.text.append(piece); });
    CHECK(completion.ok()) << completion.status();
    executed.completion = *std::move(completion);
    executed.commitment = committer.commitment();
    ExpectWorkOfSchedule(session, request, executed.completion);
    return executed;
  }

  // What ran is what the schedule implies, and the tokens are the rows that it keeps.
  static void ExpectWorkOfSchedule(const Session& session, const GenerateRequest& request,
                                   const Completion& completion) {
    const ArchShape& shape = session.model().config.shape;
    const IsaSet isa = session.options().isa;
    const Recorder& recorded = completion.recorded;
    const WorkTable expected = ExpectedWork(shape, recorded.schedule(), 0, completion.output.size(),
                                            request.sampling.IsArgmax(), isa, recorded.Screening(shape, isa));
    for (const KernelInfo& kernel : KernelTable()) {
      EXPECT_EQ(recorded.record(kernel.kernel).work, expected[static_cast<int>(kernel.kernel)]) << kernel.id;
    }
    uint64_t kept = 0, drafted = 0, accepted = 0;
    for (const ScheduleEntry& entry : recorded.schedule()) {
      if (entry.kind == StepKind::kPrefill) continue;
      EXPECT_EQ(entry.logit_rows, entry.rows);
      EXPECT_LE(entry.rows, static_cast<uint64_t>(request.max_draft) + 1);
      kept += entry.steps * entry.kept_rows();
      drafted += entry.steps * (entry.rows - 1);
      accepted += entry.steps * (entry.kept_rows() - 1);
    }
    EXPECT_EQ(kept + 1, completion.output.size());
    EXPECT_EQ(drafted, completion.drafted);
    EXPECT_EQ(accepted, completion.accepted);
  }

  // Runs `request` plainly and with drafts of every length, and expects no difference. Adds to what was drafted.
  void ExpectSame(const LoadedModel& model, GenerateRequest request, const std::string& what, const Way& way = {},
                  bool with_logits = false) {
    ThreadPool pool(way.threads);
    const auto session = Start(model, pool, way);
    request.max_draft = 0;
    const Executed plain = Execute(*session, request, with_logits);
    EXPECT_EQ(plain.completion.drafted, 0u);
    for (const int64_t draft : kDrafts) {
      SCOPED_TRACE(absl::StrCat(what, ", draft ", draft));
      request.max_draft = draft;
      const Executed drafted = Execute(*session, request, with_logits);
      EXPECT_EQ(drafted.completion.output, plain.completion.output);
      EXPECT_EQ(drafted.completion.finish, plain.completion.finish);
      EXPECT_EQ(drafted.text, plain.text);
      EXPECT_EQ(drafted.commitment.numerics, plain.commitment.numerics);
      EXPECT_EQ(drafted.commitment.layer_digests, plain.commitment.layer_digests);
      EXPECT_EQ(drafted.completion.commitment->roots.numerics_root, plain.completion.commitment->roots.numerics_root);
      EXPECT_EQ(drafted.logits, plain.logits);
      const auto parsed = ParseCommitment(EncodeCommitment(drafted.commitment));
      EXPECT_TRUE(parsed.ok()) << parsed.status();
      drafted_ += drafted.completion.drafted;
      accepted_ += drafted.completion.accepted;
    }
  }

  // A prompt that already repeats what the model, choosing greedily, goes on to say.
  GenerateRequest Loop() {
    GenerateRequest request = request_;
    request.max_tokens = 2 * kCircle;
    const Executed run = Execute(*model_, request);
    request.prompt.insert(request.prompt.end(), run.completion.output.begin(), run.completion.output.end());
    request.max_tokens = 40;
    return request;
  }

  TestingModel file_;
  const std::unique_ptr<const LoadedModel> model_;
  GenerateRequest request_;
  uint64_t drafted_ = 0;
  uint64_t accepted_ = 0;
};

TEST_F(SpeculationTest, SameTokensWhateverChoosesThem) {
  std::vector<TokenId> repetitive;
  for (int i = 0; i < 60; ++i) repetitive.push_back(request_.prompt[static_cast<size_t>(i % 7)]);
  const GenerateRequest loop = Loop();
  const SamplingParams kSamplings[] = {
      {},
      {.temperature = 2, .top_k = 4, .seed = 5},
      {.temperature = 1.4f, .top_k = 40, .top_p = 0.98f, .seed = 6},
      {.temperature = 1, .top_p = 0.95f, .min_p = 0.001f, .seed = 7},
      {.repetition_penalty = 1.05f},
      {.temperature = 1.5f, .top_k = 9, .repetition_penalty = 1.2f, .repetition_window = 16, .seed = 8},
      {.temperature = 0.9f, .seed = 9},
  };
  const std::vector<TokenId> kPrompts[] = {request_.prompt, repetitive, loop.prompt};
  for (size_t i = 0; i < std::size(kSamplings); ++i) {
    for (size_t prompt = 0; prompt < std::size(kPrompts); ++prompt) {
      GenerateRequest request = request_;
      request.prompt = kPrompts[prompt];
      request.sampling = kSamplings[i];
      request.ignore_eos = (i + prompt) % 2 == 0;
      ExpectSame(*model_, request, absl::StrCat("sampling ", i, ", prompt ", prompt));
    }
  }
  EXPECT_GT(accepted_, 100u);
  EXPECT_GT(drafted_ - accepted_, 50u);
}

// Where a run is at its limit of tokens or of context, drafts are cut, and nothing is fed beyond it.
TEST_F(SpeculationTest, LimitsWithinADraft) {
  const GenerateRequest loop = Loop();
  for (int64_t tokens = 1; tokens <= 20; ++tokens) {
    GenerateRequest request = loop;
    request.max_tokens = tokens;
    const int64_t needed = static_cast<int64_t>(request.prompt.size()) + tokens - 1;
    ExpectSame(*model_, request, absl::StrCat(tokens, " tokens"), {.context = needed});
  }
  EXPECT_GT(accepted_, 100u);
}

TEST_F(SpeculationTest, StopStringWithinADraft) {
  const GenerateRequest loop = Loop();
  const Executed plain = Execute(*model_, loop);
  size_t stopped_in_draft = 0;
  for (const size_t at : {1, 2, 3, 5, 9}) {
    GenerateRequest request = loop;
    request.stop = {*model_->tokenizer.TokenBytes(plain.completion.output[at], /*special=*/false)};
    ExpectSame(*model_, request, absl::StrCat("stop at ", at));
    request.max_draft = 7;
    const Completion stopped = Execute(*model_, request).completion;
    EXPECT_EQ(stopped.finish, FinishReason::kStop);
    stopped_in_draft += stopped.recorded.schedule().back().rejected_rows > 0;
  }
  EXPECT_GT(stopped_in_draft, 0u);
}

// An end-of-generation token that is drafted and chosen ends the run there, as does one that is chosen where another
// was drafted.
TEST_F(SpeculationTest, EndOfGenerationWithinADraft) {
  const GenerateRequest loop = Loop();
  const Executed plain = Execute(*model_, loop);
  size_t ended_in_draft = 0;
  for (const size_t at : {1, 2, 4, 8}) {
    const TokenId eos = plain.completion.output[at];
    const auto model = LoadEdited(file_.path(), [&](GgufEditor& editor) {
      MakeCircular(editor);
      editor.SetU32("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(eos));
    });
    GenerateRequest request = loop;
    request.ignore_eos = false;
    ExpectSame(*model, request, absl::StrCat("eos at ", at));
    request.max_draft = 7;
    const Completion ended = Execute(*model, request).completion;
    EXPECT_EQ(ended.finish, FinishReason::kEos);
    ended_in_draft += ended.recorded.schedule().back().rejected_rows > 0;
    request.ignore_eos = true;
    ExpectSame(*model, request, absl::StrCat("eos masked at ", at));
  }
  EXPECT_GT(ended_in_draft, 0u);
}

// Drafting and committing are the same on every instruction set, thread count and chunk, and a replay in one prefill
// comes to the same root.
TEST_F(SpeculationTest, OneRootAndOneScheduleHoweverItIsComputed) {
  GenerateRequest request = Loop();
  request.max_draft = 7;
  const Executed first = Execute(*model_, request, {.isa = Isa::kScalar, .threads = 1});
  EXPECT_GT(first.completion.accepted, 0u);
  const auto decode = [](const Completion& completion) {
    std::vector<ScheduleEntry> entries = completion.recorded.schedule();
    std::erase_if(entries, [](const ScheduleEntry& entry) { return entry.kind == StepKind::kPrefill; });
    return entries;
  };
  for (const Way& way : {Way{Isa::kAvx2, 2, 7}, Way{Isa::kAvx512, 3, 32}, Way{Isa::kAvx512Vnni, 5, 1}}) {
    const std::string what = absl::StrCat(IsaName(way.isa), " ", way.threads, " ", way.chunk);
    if (!CpuHas(way.isa, what)) continue;
    const Executed other = Execute(*model_, request, way);
    EXPECT_EQ(other.completion.output, first.completion.output) << what;
    EXPECT_EQ(other.commitment.numerics, first.commitment.numerics) << what;
    EXPECT_EQ(decode(other.completion), decode(first.completion)) << what;
  }
  ThreadPool pool(2);
  const auto session = Start(*model_, pool, {.isa = Isa::kAvx2});
  const auto replayed = Replay(*session, {.prompt = request.prompt,
                                          .output = first.completion.output,
                                          .sampling = request.sampling,
                                          .ignore_eos = request.ignore_eos,
                                          .session = Sha256Of("a session")});
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(replayed->roots.numerics_root, first.completion.commitment->roots.numerics_root);
  EXPECT_FALSE(replayed->wrong_choice);
}

TEST_F(SpeculationTest, LogitsSinkSeesTheRowsThatStay) {
  GenerateRequest request = Loop();
  request.max_tokens = 12;
  ExpectSame(*model_, request, "logits", {}, /*with_logits=*/true);
  EXPECT_GT(accepted_, 0u);
}

TEST_F(SpeculationTest, TheScheduleStaysWithinItsLimit) {
  GenerateRequest request = Loop();
  request.sampling = {.temperature = 1.5f, .top_k = 40, .seed = 11};
  request.max_tokens = 150;
  request.max_draft = 7;
  const Executed free = Execute(*model_, request);
  ASSERT_GT(free.completion.recorded.schedule().size(), 6u);
  for (const size_t limit : {1, 3, 4, 6}) {
    request.max_schedule = limit;
    const Executed limited = Execute(*model_, request);
    EXPECT_LE(limited.completion.recorded.schedule().size(), std::max<size_t>(limit, 2)) << limit;
    EXPECT_EQ(limited.completion.output, free.completion.output) << limit;
  }
}

TEST_F(SpeculationTest, MoreThanAPassHoldsIsRefused) {
  ThreadPool pool(1);
  const auto session = Start(*model_, pool, {});
  for (const int64_t draft : {int64_t{-1}, kMaxDecodeRows}) {
    request_.max_draft = draft;
    const absl::Status status = Generate(*session, request_, [](std::string_view) {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), absl::StrCat("tokens to draft: expected 0..15, got ", draft));
  }
}

// Rows that are not kept leave nothing behind that a later pass could see.
TEST_F(SpeculationTest, KeptRowsAreAsIfFedAlone) {
  ThreadPool pool(2);
  const auto plain = Start(*model_, pool, {});
  const auto drafting = Start(*model_, pool, {});
  const std::vector<TokenId> ids = TestingIds(20, model_->config.shape.vocab);
  ASSERT_TRUE(plain->Prefill(std::span(ids).first(5)).ok());
  ASSERT_TRUE(drafting->Prefill(std::span(ids).first(5)).ok());
  size_t next = 5;
  for (const int64_t kept : {1, 3, 4, 2}) {
    std::vector<TokenId> fed(ids.begin() + static_cast<std::ptrdiff_t>(next),
                             ids.begin() + static_cast<std::ptrdiff_t>(next) + kept);
    fed.resize(5, 77);  // what follows is wrong
    ASSERT_TRUE(drafting->DecodeRows(fed).ok());
    drafting->KeepRows(kept);
    for (int64_t row = 0; row < kept; ++row) {
      ASSERT_TRUE(plain->Decode(ids[next++]).ok());
      const std::span<const float> got = drafting->logits(row);
      EXPECT_TRUE(std::equal(got.begin(), got.end(), plain->logits().begin())) << "row " << row << " of " << kept;
    }
    EXPECT_EQ(drafting->position(), plain->position());
    EXPECT_TRUE(std::equal(plain->logits().begin(), plain->logits().end(), drafting->logits().begin()));
  }
}

// A model of which one token's arithmetic overflows: a pass that drafts it fails and leaves no record, and the same
// token without the draft is computed.
TEST_F(SpeculationTest, ADraftThatOverflowsLeavesNoRecord) {
  constexpr TokenId kBad = 300;
  const size_t hidden = model_->config.shape.hidden;
  const auto model = LoadEdited(file_.path(), [&](GgufEditor& editor) {
    GgufEditor::Tensor& embedding = editor.tensor("token_embd.weight");
    for (size_t row = 0; row < model_->config.shape.vocab; ++row) {
      embedding.Put(row * hidden * sizeof(F16), F32ToF16(static_cast<TokenId>(row) == kBad ? 1000.0f : 0.0f));
    }
    editor.tensor("blk.0.attn_norm.weight").Put(0, 3e38f);
  });
  ThreadPool pool(2);
  const auto session = Start(*model, pool, {});
  ASSERT_TRUE(session->Prefill({{1, 2, 3}}).ok());
  const Recorder before = session->recorder();
  EXPECT_EQ(session->DecodeRows({{4, kBad}}).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(session->position(), 3);
  for (const KernelInfo& kernel : KernelTable()) {
    EXPECT_EQ(session->recorder().record(kernel.kernel).work, before.record(kernel.kernel).work) << kernel.id;
  }
  EXPECT_EQ(session->recorder().schedule(), before.schedule());
  EXPECT_TRUE(session->logits().empty());
  std::vector<TokenId> fed = {4, kBad};
  EXPECT_TRUE(session->DecodeDrafted(fed).ok());
  EXPECT_EQ(fed, std::vector<TokenId>({4}));
  EXPECT_EQ(session->logit_rows(), 1);
  EXPECT_EQ(session->position(), 4);
  fed = {kBad};
  EXPECT_EQ(session->DecodeDrafted(fed).code(), absl::StatusCode::kDataLoss) << "what was chosen is no draft";
}

}  // namespace
}  // namespace bitnet
