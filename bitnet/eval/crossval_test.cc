// Traces of the engine and comparisons with them: looking changes nothing, equal is equal, and a value that differs is
// named.

#include "bitnet/eval/crossval.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/arrays/trace_writer.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/eval/trace_run.h"
#include "bitnet/model/activation_tap.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kTokens = 11;

const LoadedModel& Model() {
  static const auto* const file = new TestingModel("tiny", 2);
  static const LoadedModel* const model = [] {
    ThreadPool pool(2);
    auto loaded = LoadedModel::Load(file->path(), pool);
    CHECK(loaded.ok()) << loaded.status();
    return loaded->release();
  }();
  return *model;
}

std::vector<TokenId> Ids() { return TestingIds(kTokens, Model().config.shape.vocab); }

std::unique_ptr<Session> MakeSession(ThreadPool& pool, int64_t chunk = 256, IsaSet isa = DetectIsaSet()) {
  auto session = Session::Create(Model(), pool, {.isa = isa, .context = 64, .prefill_chunk = chunk});
  CHECK(session.ok()) << session.status();
  return *std::move(session);
}

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name(), ".",
                      name);
}

absl::Status Trace(const std::string& path, const TraceSelection& selection, int64_t chunk = 256, int threads = 2,
                   IsaSet isa = DetectIsaSet()) {
  ThreadPool pool(threads);
  const std::unique_ptr<Session> session = MakeSession(pool, chunk, isa);
  auto writer = TraceWriter::Create(path);
  CHECK(writer.ok()) << writer.status();
  const absl::Status status = TraceRun(*session, Ids(), selection, *writer, nullptr);
  if (!status.ok()) return status;
  return writer->Finish("test", "tiny", Ids());
}

const TraceSelection kAll = {.points = TapPointSet().set()};

ArraySet Open(const std::string& path) {
  auto set = ArraySet::Open(path, {});
  CHECK(set.ok()) << set.status();
  return *std::move(set);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  CHECK(file) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class CountingTap : public ActivationTap {
 public:
  void OnValues(const TapValues& shown) override { count += shown.values.size(); }
  size_t count = 0;
};

TEST(Tap, LookingChangesNoBitOfTheLogits) {
  std::vector<std::string> digests;
  for (const bool look : {false, true}) {
    ThreadPool pool(2);
    const std::unique_ptr<Session> session = MakeSession(pool, 4);
    CountingTap tap;
    if (look) session->SetTap(&tap);
    Sha256 hash;
    const auto add = [&](std::span<const float> row) {
      hash.Update(std::span(reinterpret_cast<const uint8_t*>(row.data()), row.size_bytes()));
    };
    ASSERT_TRUE(session->Prefill(Ids(), add).ok());
    ASSERT_TRUE(session->Decode(1).ok());
    add(session->logits());
    digests.push_back(ToHex(hash.Finish()));
    EXPECT_EQ(tap.count > 0, look);
  }
  EXPECT_EQ(digests[0], digests[1]);
}

TEST(TraceRun, WritesEveryValueOfEveryLayerOnce) {
  ASSERT_TRUE(Trace(Path("t"), kAll).ok());
  const ArraySet set = Open(Path("t.json"));
  const ArchShape& shape = Model().config.shape;
  size_t expected = 0;
  for (const TapPointInfo& info : kTapPoints) {
    for (uint64_t layer = 0; layer < (info.per_layer ? shape.layers : 1); ++layer) {
      RecordId id{.op = std::string(info.name)};
      if (info.per_layer) id.layer = static_cast<int64_t>(layer);
      const ArrayRecord* record = set.Find(id);
      ASSERT_NE(record, nullptr) << id.Name();
      EXPECT_EQ(record->rows, static_cast<uint64_t>(kTokens)) << id.Name();
      ++expected;
    }
  }
  EXPECT_EQ(set.records().size(), expected);
  EXPECT_EQ(set.Find({1, "gate"})->width, shape.ffn);
  EXPECT_EQ(set.Find({0, "k_rope"})->width, Model().config.kv_dim());
  EXPECT_EQ(set.Find({{}, "logits"})->width, shape.vocab);
}

// What stands in the records is what the graph says it is, as far as it can be told without computing a product:
// residual sums, and the logits of a session that nobody looked at.
TEST(TraceRun, RecordsAreWhatTheirNamesSay) {
  ASSERT_TRUE(Trace(Path("t"), kAll, /*chunk=*/3).ok());
  const ArraySet set = Open(Path("t.json"));
  const auto values = [&](const RecordId& id) {
    const ArrayRecord& record = *set.Find(id);
    std::vector<float> floats(record.rows * record.width);
    std::memcpy(floats.data(), record.data.bytes.data(), record.data.bytes.size());
    return floats;
  };
  const auto sum = [](std::vector<float> a, const std::vector<float>& b) {
    for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  };
  EXPECT_EQ(values({0, "attn_residual"}), sum(values({{}, "embed"}), values({0, "attn_output"})));
  EXPECT_EQ(values({0, "layer_output"}), sum(values({0, "attn_residual"}), values({0, "down"})));
  EXPECT_EQ(values({1, "attn_residual"}), sum(values({0, "layer_output"}), values({1, "attn_output"})));
  const std::vector<float> gate = values({1, "gate"}), up = values({1, "up"}), product = values({1, "product"});
  for (size_t i = 0; i < gate.size(); ++i) {
    const float relu = gate[i] > 0 ? gate[i] : 0;
    ASSERT_EQ(product[i], relu * relu * up[i]) << i;
  }
  // Position 0 is not rotated, later ones are; attention over one position is its value.
  const size_t q_dim = Model().config.q_dim();
  const std::vector<float> q = values({0, "q"}), q_rope = values({0, "q_rope"});
  EXPECT_TRUE(std::equal(q.begin(), q.begin() + static_cast<ptrdiff_t>(q_dim), q_rope.begin()));
  EXPECT_FALSE(
      std::equal(q.end() - static_cast<ptrdiff_t>(q_dim), q.end(), q_rope.end() - static_cast<ptrdiff_t>(q_dim)));
  std::vector<float> logits;
  ThreadPool pool(1);
  ASSERT_TRUE(
      MakeSession(pool)
          ->Prefill(Ids(), [&](std::span<const float> row) { logits.insert(logits.end(), row.begin(), row.end()); })
          .ok());
  EXPECT_EQ(values({{}, "logits"}), logits);
}

TEST(TraceRun, BytesDoNotDependOnChunksThreadsOrInstructionSets) {
  ASSERT_TRUE(Trace(Path("a"), kAll).ok());
  ASSERT_TRUE(Trace(Path("b"), kAll, /*chunk=*/3, /*threads=*/1, {Isa::kScalar}).ok());
  EXPECT_EQ(ReadFile(Path("a.f32")), ReadFile(Path("b.f32")));
}

TEST(TraceRun, ASelectionIsAPartOfTheWhole) {
  ASSERT_TRUE(Trace(Path("all"), kAll).ok());
  TraceSelection some = {.layers = Range{1, 1}, .positions = Range{4, 6}};
  some.points = *ParseTapPoints("q,layer_output,logits,embed");
  ASSERT_TRUE(Trace(Path("some"), some, /*chunk=*/5).ok());
  const ArraySet all = Open(Path("all.json")), part = Open(Path("some.json"));
  std::vector<std::string> names;
  for (const ArrayRecord& record : part.records()) {
    names.push_back(record.id.Name());
    EXPECT_EQ(record.first_position, 4);
    EXPECT_EQ(record.rows, 3u);
    const ArrayRecord& whole = *all.Find(record.id);
    const size_t row_bytes = record.width * sizeof(float);
    EXPECT_EQ(std::memcmp(record.data.bytes.data(), whole.data.bytes.data() + 4 * row_bytes, 3 * row_bytes), 0)
        << record.id.Name();
  }
  EXPECT_THAT(names, ElementsAre("embed", "layer.1.q", "layer.1.layer_output", "logits"));
}

TEST(TraceRun, WhatCannotBeChosenIsRefused) {
  EXPECT_THAT(Trace(Path("t"), {.points = kAll.points, .layers = Range{1, 2}}).message(),
              HasSubstr("layers: expected a range within 0-1, got 1-2"));
  EXPECT_THAT(Trace(Path("t"), {.points = kAll.points, .positions = Range{11, 11}}).message(),
              HasSubstr("positions: expected a range within 0-10"));
  EXPECT_THAT(Trace(Path("t"), {}).message(), HasSubstr("none of the chosen values"));
  EXPECT_THAT(ParseTapPoints("q,kk").status().message(), HasSubstr("no value \"kk\"; there are all, layers, embed"));
  for (const char* bad : {"", "a", "3-2", "1-2-3", "-1", "1-"}) EXPECT_FALSE(ParseRange(bad).ok()) << bad;
  EXPECT_EQ(ParseRange("3")->last, 3);
  EXPECT_EQ(ParseRange("3-5")->last, 5);
}

// Adds `delta` to one float of a trace's data, and drops the digests that would tell.
std::string Damaged(const std::string& trace, const RecordId& id, uint64_t row, float delta) {
  const ArraySet set = Open(trace);
  auto writer = TraceWriter::Create(Path("damaged"));
  CHECK(writer.ok());
  for (const ArrayRecord& record : set.records()) {
    std::vector<float> values(record.rows * record.width);
    std::memcpy(values.data(), record.data.bytes.data(), record.data.bytes.size());
    if (record.id == id) values[row * record.width] += delta;
    const auto index = writer->Add(record.id, record.first_position, record.rows, record.width);
    CHECK(index.ok() && writer->Append(*index, values).ok());
  }
  CHECK(writer->Finish("test", "tiny", set.ids()).ok());
  return Path("damaged.json");
}

TEST(Crossval, TheFirstDivergenceIsNamedByLayerAndOp) {
  ASSERT_TRUE(Trace(Path("t"), kAll).ok());
  const ArraySet reference = Open(Path("t.json"));
  for (const RecordId& id : {RecordId{{}, "embed"}, RecordId{0, "q"}, RecordId{1, "attention"}, RecordId{1, "product"},
                             RecordId{{}, "output_norm"}, RecordId{{}, "logits"}}) {
    const ArraySet damaged = Open(Damaged(Path("t.json"), id, 7, 1e6f));
    const auto report = CompareSets(reference, damaged);
    ASSERT_TRUE(report.ok()) << report.status();
    const auto divergence = FirstDivergence(*report, {});
    ASSERT_TRUE(divergence.has_value()) << id.Name();
    EXPECT_EQ((*report)[divergence->record].id().Name(), id.Name());
    EXPECT_EQ((*report)[divergence->record].rows()[divergence->row].position, 7);
    // And so is what the engine itself makes of the damaged reference.
    ThreadPool pool(2);
    const auto live = CompareWithEngine(damaged, *MakeSession(pool, 4), Ids(), nullptr);
    ASSERT_TRUE(live.ok()) << live.status();
    EXPECT_EQ((*live)[FirstDivergence(*live, {})->record].id().Name(), id.Name());
  }
}

TEST(Crossval, TheEngineAgreesWithItselfExactly) {
  ASSERT_TRUE(Trace(Path("t"), kAll).ok());
  const ArraySet reference = Open(Path("t.json"));
  ThreadPool pool(1);
  const auto report = CompareWithEngine(reference, *MakeSession(pool, 4, {Isa::kScalar}), Ids(), nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->size(), reference.records().size());
  for (const RecordComparison& comparison : *report) {
    EXPECT_EQ(comparison.max_abs(), 0) << comparison.id().Name();
    EXPECT_EQ(comparison.rows().size(), static_cast<size_t>(kTokens)) << comparison.id().Name();
  }
  EXPECT_EQ(report->front().id().Name(), "embed");
  EXPECT_EQ(report->back().id().Name(), "logits");
  EXPECT_EQ(FirstDivergence(*report, {.max_relative = 0, .min_cosine = 0.999999}), std::nullopt);
}

// Files of llama have the rows of q and k interleaved; a trace has them half-split, as Python checkpoints do.
TEST(TraceRun, RowsOfALlamaAreInHalfSplitOrder) {
  const TestingModel file("tiny-llama", 3);
  ThreadPool pool(2);
  const auto model = LoadedModel::Load(file.path(), pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const ModelConfig& config = (*model)->config;
  ASSERT_EQ(config.rope_form, RopeForm::kInterleaved);
  const std::vector<TokenId> ids = TestingIds(kTokens, config.shape.vocab);
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 64, .prefill_chunk = 4});
  ASSERT_TRUE(session.ok()) << session.status();
  auto writer = TraceWriter::Create(Path("t"));
  ASSERT_TRUE(writer.ok() && TraceRun(**session, ids, kAll, *writer, nullptr).ok());
  ASSERT_TRUE(writer->Finish("test", "tiny-llama", ids).ok());
  const ArraySet set = Open(Path("t.json"));
  EXPECT_EQ(set.Find({0, "attn_sub_norm"}), nullptr);
  EXPECT_EQ(set.Find({0, "ffn_sub_norm"}), nullptr);
  const size_t dim = config.shape.head_dim, half = dim / 2;
  for (const auto& [op, heads] : {std::pair("q", config.shape.heads), std::pair("k", config.shape.kv_heads)}) {
    const ArrayRecord& before = *set.Find({1, op});
    const ArrayRecord& after = *set.Find({1, absl::StrCat(op, "_rope")});
    std::vector<double> x(before.width), y(before.width);
    ASSERT_EQ(before.width, heads * dim);
    for (uint64_t position = 0; position < before.rows; ++position) {
      CopyAsDouble(before.data, position * before.width, x);
      CopyAsDouble(after.data, position * before.width, y);
      double largest = 0;
      for (const double value : x) largest = std::max(largest, std::fabs(value));
      for (size_t i = 0; i < x.size(); ++i) {
        if (i % dim >= half) continue;
        const double angle =
            static_cast<double>(position) * std::pow(static_cast<double>(config.rope_freq_base),
                                                     -2.0 * static_cast<double>(i % dim) / static_cast<double>(dim));
        const double a = x[i], b = x[i + half];
        ASSERT_NEAR(y[i], a * std::cos(angle) - b * std::sin(angle), 1e-5 * largest) << op << position << " " << i;
        ASSERT_NEAR(y[i + half], b * std::cos(angle) + a * std::sin(angle), 1e-5 * largest) << op << position;
      }
    }
  }
  // And the engine agrees with its own trace of it.
  const auto again = Session::Create(**model, pool, {.isa = {Isa::kScalar}, .context = 64, .prefill_chunk = 256});
  ASSERT_TRUE(again.ok());
  const auto report = CompareWithEngine(set, **again, ids, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(FirstDivergence(*report, {.max_relative = 0, .min_cosine = 0.999999}), std::nullopt);
}

TEST(Crossval, ATraceOfSomePositionsIsComparedAtThese) {
  ASSERT_TRUE(Trace(Path("t"), {.points = kAll.points, .positions = Range{3, 6}}).ok());
  ThreadPool pool(1);
  const auto report = CompareWithEngine(Open(Path("t.json")), *MakeSession(pool), Ids(), nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  for (const RecordComparison& comparison : *report) {
    EXPECT_EQ(comparison.rows().size(), 4u);
    EXPECT_EQ(comparison.rows()[0].position, 3);
    EXPECT_EQ(comparison.max_abs(), 0);
  }
}

TEST(Crossval, UnequalSetsAreRefused) {
  const auto write = [](const std::string& name, const std::vector<RecordId>& ids, uint64_t rows, uint64_t width,
                        int64_t first, std::vector<int32_t> tokens, float value) {
    auto writer = TraceWriter::Create(Path(name));
    CHECK(writer.ok());
    for (const RecordId& id : ids) {
      const auto record = writer->Add(id, first, rows, width);
      CHECK(record.ok() && writer->Append(*record, std::vector<float>(rows * width, value)).ok());
    }
    CHECK(writer->Finish("", "", std::move(tokens)).ok());
    return Open(Path(name) + ".json");
  };
  const RecordId q{0, "q"}, k{0, "k"};
  const ArraySet reference = write("r", {q, k}, 2, 3, 0, {4, 5}, 1);
  const auto error = [&](const ArraySet& candidate) {
    return std::string(CompareSets(reference, candidate).status().message());
  };
  EXPECT_EQ(error(write("c", {k, q}, 2, 3, 0, {}, 1)), "");
  EXPECT_THAT(error(write("c", {q}, 2, 3, 0, {}, 1)), HasSubstr("layer.0.k: only the reference has it"));
  EXPECT_THAT(error(write("c", {q, k, {1, "q"}}, 2, 3, 0, {}, 1)), HasSubstr("layer.1.q: only the candidate has it"));
  EXPECT_THAT(error(write("c", {q, k}, 1, 3, 0, {}, 1)), HasSubstr("shapes differ: [2][3] in the reference, [1][3]"));
  EXPECT_THAT(error(write("c", {q, k}, 2, 4, 0, {}, 1)), HasSubstr("[2][4] in the candidate"));
  EXPECT_THAT(error(write("c", {q, k}, 2, 3, 1, {}, 1)), HasSubstr("first positions differ: 0 in the reference, 1"));
  EXPECT_THAT(error(write("c", {q, k}, 2, 3, 0, {4, 6}, 1)), HasSubstr("they differ from position 1 on"));
  EXPECT_THAT(error(write("c", {q, k}, 2, 3, 0, {}, std::nanf(""))), HasSubstr("expected a finite number, got nan"));

  const auto live = [&](const ArraySet& set, const std::vector<TokenId>& ids) {
    ThreadPool pool(1);
    return std::string(CompareWithEngine(set, *MakeSession(pool), ids, nullptr).status().message());
  };
  EXPECT_THAT(live(reference, {4, 6}), HasSubstr("they differ from position 1 on"));
  EXPECT_THAT(live(reference, {4, 5}), HasSubstr("shapes differ: [2][3] in the reference, [2][512]"));
  const ArraySet unknown = write("u", {{0, "mystery"}}, 2, 3, 0, {}, 1);
  EXPECT_THAT(live(unknown, {4, 5}), HasSubstr("layer.0.mystery: the reference has 2 rows of it, this model made 0"));
  EXPECT_THAT(live(write("u", {{2, "q"}}, 2, 512, 0, {}, 1), {4, 5}), HasSubstr("layer.2.q: the reference has 2 rows"));
  EXPECT_THAT(live(unknown, {4, 5, 6}), HasSubstr("token ids: expected 2, one for each position"));
}

TEST(Crossval, ContinuesWithTheReferencesOwnChoices) {
  const std::vector<float> logits = {0, 9, 1, /**/ 7, 7, 1, /**/ 0, 0, 3};
  ASSERT_TRUE(
      WriteFileAtomically(Path("l.f32"), std::string(reinterpret_cast<const char*>(logits.data()), logits.size() * 4))
          .ok());
  auto set = ArraySet::Open(Path("l.f32"), {.shape = {3, 3}});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(*ContinueGreedily({2}, *set), ElementsAre(2, 1, 0));
  EXPECT_THAT(*ContinueGreedily({2, 2, 2}, *set), ElementsAre(2, 2, 2));
  EXPECT_THAT(ContinueGreedily({}, *set).status().message(), HasSubstr("no logits of position -1"));
  auto other = ArraySet::Open(Path("l.f32"), {.shape = {3, 3}, .id = {0, "q"}});
  EXPECT_FALSE(ContinueGreedily({2}, *other).ok());
}

}  // namespace
}  // namespace bitnet
