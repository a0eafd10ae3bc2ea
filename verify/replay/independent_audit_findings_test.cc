// The independent path against the engine: each way of running something else is found where it is.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "gtest/gtest.h"
#include "verify/independent/audit.h"
#include "verify/independent/loops.h"
#include "verify/independent/model.h"
#include "verify/independent/products.h"
#include "verify/replay/independent_audit_testing.h"

namespace bitnet::verify {
namespace {

using independent::Product;
using independent::ProductRequest;

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

}  // namespace
}  // namespace bitnet::verify
