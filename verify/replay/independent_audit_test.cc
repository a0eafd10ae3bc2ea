// The independent path against the engine: what was run honestly agrees to the last bit, whatever ran it; and each way
// of running something else is found where it is.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/synthetic/presets.h"
#include "bitnet/synthetic/synthetic_model.h"
#include "gtest/gtest.h"
#include "verify/independent/audit.h"
#include "verify/independent/gguf_directory.h"
#include "verify/independent/loops.h"
#include "verify/independent/model.h"
#include "verify/independent/products.h"
#include "verify/replay/engine_products.h"

namespace bitnet::verify {
namespace {

using independent::Difference;
using independent::IndependentAudit;
using independent::IndependentReport;
using independent::IndependentRequest;
using independent::Product;
using independent::ProductRequest;
using independent::ProductSource;

const Digest kSession = Sha256Of("a session");

std::unique_ptr<const LoadedModel> Load(const std::string& path) {
  ThreadPool pool(1);
  auto model = LoadedModel::Load(path, pool);
  CHECK(model.ok()) << model.status();
  return *std::move(model);
}

std::unique_ptr<Session> Start(const LoadedModel& model, ThreadPool& pool, Isa isa = Isa::kAvx512Vnni,
                               int64_t chunk = 256) {
  auto session = Session::Create(
      model, pool, {.isa = IsaClosure(isa).Intersect(DetectIsaSet()), .context = 512, .prefill_chunk = chunk});
  CHECK(session.ok()) << session.status();
  return *std::move(session);
}

struct Way {
  Isa isa = Isa::kAvx512Vnni;
  int threads = 1;
  int64_t chunk = 256;
  int prompt = 37;
  int tokens = 12;
  SamplingParams sampling;
};

Commitment RunOf(const std::string& path, const Way& way = {}) {
  const auto model = Load(path);
  ThreadPool pool(way.threads);
  const auto session = Start(*model, pool, way.isa, way.chunk);
  Committer committer(model->config.shape, kSession, pool, /*keep=*/true);
  GenerateRequest request;
  request.prompt = TestingIds(way.prompt, model->config.shape.vocab);
  request.max_tokens = way.tokens;
  request.sampling = way.sampling;
  request.committer = &committer;
  const auto completion = Generate(*session, request, [](std::string_view) {});
  CHECK(completion.ok()) << completion.status();
  return committer.commitment();
}

IndependentReport Audit(const std::string& path, const Commitment& commitment, ProductSource* products = nullptr,
                        size_t chunk = 32, int threads = 1) {
  ThreadPool pool(threads);
  const auto report =
      IndependentAudit({.model_path = path, .commitment = &commitment, .products = products, .chunk = chunk}, pool);
  CHECK(report.ok()) << report.status();
  return *report;
}

// With products of the engine that has loaded `products_path`.
IndependentReport AuditWithEngine(const std::string& path, const Commitment& commitment,
                                  const std::string& products_path, size_t chunk = 32, int64_t engine_chunk = 256) {
  const auto model = Load(products_path);
  ThreadPool pool(1);
  const auto session = Start(*model, pool, Isa::kAvx512Vnni, engine_chunk);
  EngineProducts products(*session);
  return Audit(path, commitment, &products, chunk);
}

std::string Text(const IndependentReport& report) { return report.difference ? report.difference->Text() : ""; }

// 3 layers, 4 heads over 2: grouped-query attention and a layer that is neither first nor last.
class IndependentAuditTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    path_ = new std::string(absl::StrCat(testing::TempDir(), "/grouped.gguf"));
    auto preset = FindPreset("tiny");
    CHECK(preset.ok()) << preset.status();
    preset->layers = 3;
    preset->kv_heads = 2;
    const auto written = WriteSyntheticModel(
        *preset, 5, *path_, [](uint64_t, uint64_t) { return true; }, 2);
    CHECK(written.ok()) << written.status();
    honest_ = new Commitment(RunOf(*path_));
  }

  // The model with the bytes of one tensor changed; of `base`, if it is given. Each call overwrites the file before.
  static std::string Edited(std::string_view tensor, const std::function<void(std::span<uint8_t>)>& edit,
                            const std::string& base = *path_) {
    std::ifstream in(base, std::ios::binary);
    std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(in)), {});
    const auto directory = independent::GgufDirectory::Read(bytes);
    CHECK(directory.ok()) << directory.status();
    const auto data = directory->Data(*directory->Find(tensor));
    CHECK(data.ok()) << data.status();
    edit({bytes.data() + (data->data() - bytes.data()), data->size()});
    const std::string path = absl::StrCat(testing::TempDir(), "/edited.gguf");
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  static const std::string& path() { return *path_; }
  static const Commitment& honest() { return *honest_; }

  static inline std::string* path_ = nullptr;
  static inline Commitment* honest_ = nullptr;
};

TEST_F(IndependentAuditTest, HonestRunsAgreeOnEveryLeaf) {
  const Way ways[] = {{},
                      {.isa = Isa::kScalar, .threads = 3, .chunk = 7},
                      {.isa = Isa::kAvx2, .threads = 2, .chunk = 1, .prompt = 1, .tokens = 20},
                      {.sampling = {.temperature = 1.2f, .top_k = 50, .seed = 7}}};
  for (const Way& way : ways) {
    const Commitment commitment = RunOf(path(), way);
    const size_t positions = static_cast<size_t>(way.prompt + way.tokens - 1);
    ASSERT_EQ(commitment.numerics.size(), positions);
    for (const bool engine : {false, true}) {
      const IndependentReport report = engine ? AuditWithEngine(path(), commitment, path()) : Audit(path(), commitment);
      EXPECT_EQ(Text(report), "");
      EXPECT_EQ(report.tally.positions, positions);
      EXPECT_EQ(report.tally.products_tested, positions * 3 * 7);
      EXPECT_EQ(report.tally.products_recomputed, 0u);
      EXPECT_EQ(report.tally.layers_compared, positions * 3);
      EXPECT_EQ(report.tally.choices_compared, static_cast<uint64_t>(way.tokens));
      EXPECT_EQ(report.choices, static_cast<uint64_t>(way.tokens));
      EXPECT_EQ(report.tally.largest_chosen == report.choices, way.sampling.IsArgmax());
      EXPECT_GE(report.error_bits(), 64 - 11);
    }
  }
}

// 300 positions are two blocks of attention.
TEST_F(IndependentAuditTest, LongRunsAgree) {
  const Commitment commitment = RunOf(path(), {.prompt = 290, .tokens = 8});
  EXPECT_EQ(Text(Audit(path(), commitment)), "");
}

TEST_F(IndependentAuditTest, NeitherChunksNorThreadsMatter) {
  for (const size_t chunk : {1, 5, 64}) {
    for (const int threads : {1, 3}) {
      EXPECT_EQ(Text(Audit(path(), honest(), nullptr, chunk, threads)), "") << chunk << " " << threads;
    }
    EXPECT_EQ(Text(AuditWithEngine(path(), honest(), path(), chunk, 3)), "") << chunk;
  }
}

TEST_F(IndependentAuditTest, ThePublishedShapeOfHeadsAgrees) {
  const TestingModel mini("mini", 3);
  EXPECT_EQ(Text(Audit(mini.path(), RunOf(mini.path(), {.prompt = 20, .tokens = 4}))), "");
}

// The first place at which two commitments differ: the layer of the first position, or -1 when only what comes after
// the layers does.
std::pair<int64_t, int64_t> FirstPlace(const Commitment& a, const Commitment& b) {
  for (size_t i = 0; i < a.layer_digests.size(); ++i) {
    if (a.layer_digests[i] != b.layer_digests[i]) {
      return {static_cast<int64_t>(i / a.layers), static_cast<int64_t>(i % a.layers)};
    }
    const size_t position = i / a.layers;
    if (i % a.layers + 1 == a.layers && a.numerics[position].hidden != b.numerics[position].hidden) {
      return {static_cast<int64_t>(position), -1};
    }
  }
  return {-1, -1};
}

constexpr std::pair<const char*, Product> kTensors[] = {
    {"attn_q", Product::kQ},      {"attn_k", Product::kK},
    {"attn_v", Product::kV},      {"attn_output", Product::kAttnOutput},
    {"ffn_gate", Product::kGate}, {"ffn_up", Product::kUp},
    {"ffn_down", Product::kDown}};

// One trit of the engine's weights is another: its products are refused, of that matrix, in that layer; and without its
// products its keys and values are, as soon as they show it.
TEST_F(IndependentAuditTest, AFlippedTritIsFound) {
  for (const auto& [name, product] : kTensors) {
    for (const int64_t layer : {static_cast<int64_t>(product) % 2, int64_t{2}}) {
      const std::string tensor = absl::StrCat("blk.", layer, ".", name, ".weight");
      const std::string edited = Edited(tensor, [](std::span<uint8_t> data) {
        uint8_t& byte = data[data.size() / 3];
        byte = static_cast<uint8_t>((byte & 0x3f) | ((byte >> 6) == 2 ? 0 : (byte >> 6) + 1) << 6);
      });
      const IndependentReport by_engine = AuditWithEngine(path(), honest(), edited);
      ASSERT_TRUE(by_engine.difference) << tensor;
      EXPECT_EQ(by_engine.difference->layer, layer) << Text(by_engine);
      EXPECT_EQ(by_engine.difference->field, independent::ProductName(product)) << Text(by_engine);

      const Commitment commitment = RunOf(edited);
      const IndependentReport by_claim = Audit(path(), commitment);
      ASSERT_TRUE(by_claim.difference) << tensor;
      const auto place = FirstPlace(honest(), commitment);
      ASSERT_GE(place.first, 0) << tensor;
      EXPECT_EQ(by_claim.difference->position, place.first) << Text(by_claim);
      EXPECT_EQ(by_claim.difference->layer, place.second) << Text(by_claim);
      EXPECT_EQ(by_claim.difference->field, place.second < 0 ? "hidden state after the last layer" : "keys and values");
      // What the engine multiplied wrongly it also committed to: its products are refused first, or its claim is.
      const IndependentReport by_both = AuditWithEngine(path(), commitment, edited);
      ASSERT_TRUE(by_both.difference) << tensor;
      EXPECT_EQ(by_both.difference->field, independent::ProductName(product)) << Text(by_both);
      EXPECT_LE(by_both.difference->position, place.first) << Text(by_both);
    }
  }
}

// The next binary32 after the right scale.
TEST_F(IndependentAuditTest, AChangedScaleIsFound) {
  for (const auto& [name, product] : kTensors) {
    const std::string edited = Edited(absl::StrCat("blk.1.", name, ".weight"), [](std::span<uint8_t> data) {
      uint32_t bits;
      std::memcpy(&bits, data.data() + data.size() - 32, sizeof(bits));
      ++bits;
      std::memcpy(data.data() + data.size() - 32, &bits, sizeof(bits));
    });
    const IndependentReport report = AuditWithEngine(path(), honest(), edited);
    ASSERT_TRUE(report.difference) << name;
    EXPECT_EQ(report.difference->position, 0) << Text(report);
    EXPECT_EQ(report.difference->layer, 1) << Text(report);
    EXPECT_EQ(report.difference->field, independent::ProductName(product)) << Text(report);
    EXPECT_NE(report.difference->detail.find("which is no integer"), std::string::npos) << Text(report);
  }
}

// A layer whose additions to the residual stream are nothing is a layer that was skipped; the next one shows it.
TEST_F(IndependentAuditTest, ASkippedLayerIsFound) {
  const auto zeros = [](std::span<uint8_t> data) { std::fill(data.begin(), data.end() - 32, uint8_t{0x55}); };
  const std::string half = Edited("blk.1.attn_output.weight", zeros);
  const std::string skipping = Edited("blk.1.ffn_down.weight", zeros, half);
  const Commitment commitment = RunOf(skipping);
  const IndependentReport by_claim = Audit(path(), commitment);
  ASSERT_TRUE(by_claim.difference);
  EXPECT_EQ(by_claim.difference->position, 0);
  EXPECT_EQ(by_claim.difference->layer, 2);
  EXPECT_EQ(by_claim.difference->field, "keys and values");
  EXPECT_EQ(by_claim.tally.positions, 0u);
  const IndependentReport by_engine = AuditWithEngine(path(), commitment, skipping);
  ASSERT_TRUE(by_engine.difference);
  EXPECT_EQ(by_engine.difference->position, 0);
  EXPECT_EQ(by_engine.difference->layer, 1);
  EXPECT_EQ(by_engine.difference->field, "attn_output");
}

TEST_F(IndependentAuditTest, AMissingLayerIsFound) {
  Commitment commitment = honest();
  commitment.layers = 2;
  commitment.layer_digests.clear();
  for (size_t i = 0; i < honest().layer_digests.size(); ++i) {
    if (i % 3 != 1) commitment.layer_digests.push_back(honest().layer_digests[i]);
  }
  const IndependentReport report = Audit(path(), commitment);
  ASSERT_TRUE(report.difference);
  EXPECT_EQ(report.difference->field, "number of layers");
}

// Passes the products of the auditor's own on, but for one.
class Forger : public ProductSource {
 public:
  using Edit = std::function<float(float honest, float quotient)>;
  Forger(const std::string& path, int64_t position, int64_t layer, Product product, size_t output, Edit edit)
      : pool_(1), position_(position), layer_(layer), product_(product), output_(output), edit_(std::move(edit)) {
    auto file = MappedFile::Open(path);
    CHECK(file.ok()) << file.status();
    file_ = std::make_unique<MappedFile>(*std::move(file));
    auto model = independent::ReadModel(file_->bytes(), pool_);
    CHECK(model.ok()) << model.status();
    model_ = *std::move(model);
    plain_ = std::make_unique<independent::PlainProducts>(model_, independent::BestLoops(), pool_);
  }
  absl::Status Begin(int64_t, std::span<const uint32_t>) override { return absl::OkStatus(); }
  absl::Status Multiply(const ProductRequest& request, std::span<float> y) override {
    const absl::Status status = plain_->Multiply(request, y);
    const int64_t row = position_ - request.first_position;
    if (request.layer == layer_ && request.product == product_ && row >= 0 && row < request.rows) {
      const auto& matrix = model_.layers[static_cast<size_t>(layer_)].Of(product_);
      float& value = y[static_cast<size_t>(row * matrix.rows) + output_];
      value = edit_(value, matrix.scale / request.scales[static_cast<size_t>(row)]);
    }
    return status;
  }

 private:
  ThreadPool pool_;
  const int64_t position_;
  const int64_t layer_;
  const Product product_;
  const size_t output_;
  const Edit edit_;
  std::unique_ptr<MappedFile> file_;
  independent::Model model_;
  std::unique_ptr<independent::PlainProducts> plain_;
};

TEST_F(IndependentAuditTest, AProductOffByOneIsFound) {
  const auto next_product = [](float honest, float quotient) {
    return static_cast<float>(std::lround(honest / quotient) + 1) * quotient;
  };
  const auto next_float = [](float honest, float) { return std::bit_cast<float>(std::bit_cast<uint32_t>(honest) ^ 1); };
  for (const auto& [name, product] : kTensors) {
    for (const int64_t position : {int64_t{static_cast<int>(product)}, int64_t{47}}) {
      const int64_t layer = position % 3;
      Forger forger(path(), position, layer, product, 77, next_product);
      const IndependentReport report = Audit(path(), honest(), &forger);
      ASSERT_TRUE(report.difference) << name;
      EXPECT_EQ(report.difference->position, position) << Text(report);
      EXPECT_EQ(report.difference->layer, layer) << Text(report);
      EXPECT_EQ(report.difference->field, independent::ProductName(product)) << Text(report);
      EXPECT_NE(report.difference->detail.find("Freivalds"), std::string::npos) << Text(report);
      EXPECT_EQ(report.tally.positions, static_cast<uint64_t>(position));
    }
    Forger forger(path(), 13, 2, product, 77, next_float);
    const IndependentReport report = Audit(path(), honest(), &forger);
    ASSERT_TRUE(report.difference) << name;
    EXPECT_EQ(
        Text(report).find(absl::StrCat("position 13, layer 2, ", independent::ProductName(product), ": output 77 is ")),
        0u)
        << Text(report);
  }
}

// Of two wrong places the first in the order of positions is reported, whatever the order of computation.
TEST_F(IndependentAuditTest, TheFirstOfTwoDifferencesIsReported) {
  Commitment commitment = honest();
  commitment.numerics[9].hidden[3] ^= 1;
  Forger forger(path(), 20, 0, Product::kQ, 0, [](float, float) { return 0.123f; });
  const IndependentReport report = Audit(path(), commitment, &forger);
  EXPECT_EQ(Text(report).find("position 9, hidden state after the last layer: "), 0u) << Text(report);
}

TEST_F(IndependentAuditTest, EveryMemberOfALeafIsCompared) {
  const auto text = [](const std::function<void(Commitment&)>& edit) {
    Commitment commitment = honest();
    edit(commitment);
    return Text(Audit(path(), commitment));
  };
  const auto expect = [](const std::string& got, const std::string& start) {
    EXPECT_EQ(got.substr(0, start.size()), start);
  };
  expect(text([](Commitment& c) { c.layer_digests[3 * 40 + 1][0] ^= 1; }), "position 40, layer 1, keys and values: ");
  expect(text([](Commitment& c) { c.session[0] ^= 1; }), "position 0, layer 0, keys and values: ");
  expect(text([](Commitment& c) { c.numerics[40].hidden[31] ^= 1; }),
         "position 40, hidden state after the last layer: ");
  expect(text([](Commitment& c) { c.numerics[40].argmax ^= 1; }), "position 40, most likely token: ");
  expect(text([](Commitment& c) { c.numerics[40].top1_bits ^= 1; }), "position 40, largest logit: ");
  expect(text([](Commitment& c) { c.numerics[40].top2_bits ^= 1; }), "position 40, second logit: ");
  expect(text([](Commitment& c) { c.numerics[40].token_out ^= 1; }), "position 41, token fed: ");
  expect(text([](Commitment& c) { c.numerics[40].token_in ^= 1; }), "position 40, token fed: ");
  expect(text([](Commitment& c) { c.numerics[5].token_in ^= 1; }), "position 5, layer 0, keys and values: ");
  expect(text([](Commitment& c) { c.numerics[5].token_in = 2048; }), "position 5, token fed: 2048 claimed");
  expect(text([](Commitment& c) { c.numerics[47].token_out = 2048; }), "position 47, token chosen: 2048 claimed");
  expect(text([](Commitment& c) { c.numerics[47].chosen = false; }), "position 47, choice: ");
  expect(text([](Commitment& c) { c.numerics[40].chosen = false; }), "position 40, choice: ");
  // A choice where the prompt still goes on must be followed by the token chosen.
  expect(text([](Commitment& c) {
           c.numerics[20].chosen = true;
           c.numerics[20].token_out = c.numerics[21].token_in;
         }),
         "position 20, most likely token: ");
}

TEST_F(IndependentAuditTest, WhatIsNotSampledIsNotSeenAndSaid) {
  Commitment commitment = honest();
  commitment.numerics[40].top1_bits ^= 1;
  ThreadPool pool(1);
  const auto audit = [&](std::optional<uint64_t> sample) {
    const auto report =
        IndependentAudit({.model_path = path(), .commitment = &commitment, .sampled_choices = sample}, pool);
    CHECK(report.ok()) << report.status();
    return *report;
  };
  const IndependentReport none = audit(0);
  EXPECT_EQ(Text(none), "");
  EXPECT_EQ(none.tally.choices_compared, 0u);
  EXPECT_NE(IndependentText(none).find("logits of 0 of 12; a single wrong one is missed with a chance of 1.0000"),
            std::string::npos)
      << IndependentText(none);
  EXPECT_NE(Text(audit(12)), "");
  EXPECT_NE(Text(audit(1000)), "");
  commitment = honest();
  const IndependentReport some = audit(3);
  EXPECT_EQ(some.tally.choices_compared, 3u);
  EXPECT_NE(IndependentText(some).find("logits of 3 of 12; a single wrong one is missed with a chance of 0.7500"),
            std::string::npos)
      << IndependentText(some);
  // Which ones is not the same each time: six of twelve, twenty times.
  commitment.numerics[40].top1_bits ^= 1;
  int seen = 0;
  for (int i = 0; i < 20; ++i) seen += audit(6).difference.has_value() ? 1 : 0;
  EXPECT_GT(seen, 0);
  EXPECT_LT(seen, 20);
}

TEST_F(IndependentAuditTest, ReportsSayWhatWasCompared) {
  const std::string text = IndependentText(Audit(path(), honest()));
  for (const char* line :
       {"agrees: every value compared is the one computed\n", "receipt: none was compared\n",
        "positions: 48 of 48, 144 digests of keys and values (3 layers)\n",
        "ternary products: 1008 by Freivalds' test, 0 computed again; a wrong one among them is missed "
        "with a chance below 2^-54\n",
        "choices: logits of 12 of 12; the token chosen has the largest logit in 12, sampling was not "
        "computed again\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  Commitment commitment = honest();
  commitment.numerics[7].hidden[0] ^= 1;
  EXPECT_EQ(IndependentText(Audit(path(), commitment)).find("differs: position 7, hidden state after the last layer: "),
            0u);
}

TEST_F(IndependentAuditTest, WhatCannotBeAuditedIsAnError) {
  ThreadPool pool(1);
  const auto status = [&](const std::string& model, const Commitment& commitment) {
    return IndependentAudit({.model_path = model, .commitment = &commitment}, pool).status();
  };
  EXPECT_TRUE(absl::IsNotFound(status("/nowhere.gguf", honest())));
  Commitment commitment = honest();
  for (NumericsLeaf& leaf : commitment.numerics) leaf.position += 3;
  EXPECT_TRUE(absl::IsUnimplemented(status(path(), commitment)));
  commitment = honest();
  commitment.layer_digests.pop_back();
  EXPECT_TRUE(absl::IsInvalidArgument(status(path(), commitment)));
  commitment = honest();
  commitment.numerics[3].position = 7;
  EXPECT_TRUE(absl::IsInvalidArgument(status(path(), commitment)));
  EXPECT_TRUE(absl::IsInvalidArgument(status(path(), {})));
  EXPECT_TRUE(absl::IsInvalidArgument(IndependentAudit({.model_path = path()}, pool).status()));
  const TestingModel llama("tiny-llama", 1);
  EXPECT_TRUE(absl::IsUnimplemented(status(llama.path(), honest()))) << status(llama.path(), honest());
  const std::atomic<bool> cancelled = true;
  EXPECT_TRUE(absl::IsCancelled(
      IndependentAudit({.model_path = path(), .commitment = &honest(), .cancelled = &cancelled}, pool).status()));
}

TEST_F(IndependentAuditTest, AnEngineOfAnotherModelIsAnError) {
  const TestingModel tiny("tiny", 5);  // two layers
  const auto model = Load(tiny.path());
  ThreadPool pool(1);
  const auto session = Start(*model, pool);
  EngineProducts products(*session);
  const auto report = IndependentAudit({.model_path = path(), .commitment = &honest(), .products = &products}, pool);
  if (report.ok()) {
    EXPECT_TRUE(report->difference);  // refused before the missing layer was asked for
  } else {
    EXPECT_TRUE(absl::IsFailedPrecondition(report.status())) << report.status();
  }
}

TEST_F(IndependentAuditTest, CommitmentsAreReadFromFiles) {
  const std::string file = absl::StrCat(testing::TempDir(), "/run.bnc");
  const std::vector<uint8_t> bytes = EncodeCommitment(honest());
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const auto commitment = independent::ReadCommitment(file);
  ASSERT_TRUE(commitment.ok()) << commitment.status();
  EXPECT_EQ(*commitment, honest());
  EXPECT_EQ(independent::ReadCommitment(path()).status().message().find(path()), 0u);
}

}  // namespace
}  // namespace bitnet::verify
