// The engine against an independent binary64 reference: op by op, each fed the engine's own inputs, within 1e-5
// relative; and the whole model in cosine (int8 rounding flips, not float error, are what bounds that).

#include "bitnet/engine/float64_reference.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/logits_comparison.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/kernels/act_quant/act_quant.h"
#include "bitnet/kernels/attention/attention.h"
#include "bitnet/kernels/embed/embed.h"
#include "bitnet/kernels/head/head.h"
#include "bitnet/kernels/relu2_mul/relu2_mul.h"
#include "bitnet/kernels/residual_add/residual_add.h"
#include "bitnet/kernels/rms_norm/rms_norm.h"
#include "bitnet/kernels/rope/rope.h"
#include "bitnet/kernels/silu_mul/silu_mul.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using float64::Vector;

constexpr double kRelative = 1e-5;

Vector Row(const std::vector<float>& values, int64_t row, int64_t dim) {
  return Vector(values.begin() + row * dim, values.begin() + (row + 1) * dim);
}

// |got - expected| <= 1e-5 of the row's largest value: sums cancel, so single elements have no relative error of their
// own.
void ExpectClose(const std::vector<float>& got, int64_t row, const Vector& expected, std::string_view op) {
  double largest = 0;
  for (double value : expected) largest = std::max(largest, std::fabs(value));
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = static_cast<double>(got[static_cast<size_t>(row) * expected.size() + i]);
    ASSERT_LE(std::fabs(value - expected[i]), kRelative * largest) << op << " row " << row << " element " << i;
  }
}

// Runs the same ops as the transformer, keeping every intermediate, and holds each against binary64.
class OpByOp {
 public:
  OpByOp(Session& session, std::vector<int32_t> ids)
      : context_(session.context()),
        config_(session.model().config),
        weights_(session.model().weights),
        rope_(session.rope()),
        ids_(std::move(ids)),
        rows_(static_cast<int64_t>(ids_.size())) {}

  std::vector<float> Run() {
    const ArchShape& shape = config_.shape;
    const int64_t hidden = static_cast<int64_t>(shape.hidden);
    std::vector<float> x(static_cast<size_t>(rows_ * hidden));
    EmbeddingLookup(context_, {.table = weights_.token_embd.data(),
                               .vocab = static_cast<int64_t>(shape.vocab),
                               .dim = hidden,
                               .ids = ids_.data(),
                               .rows = rows_,
                               .out = x.data()});
    for (int64_t r = 0; r < rows_; ++r) {
      ExpectClose(x, r, float64::Embedding(weights_.token_embd, shape.hidden, ids_[static_cast<size_t>(r)]), "embed");
    }
    for (const LayerWeights& layer : weights_.layers) {
      Quantize(Norm(x, layer.attn_norm));
      const std::vector<float> q = Rotate(Linear(layer.q));
      const std::vector<float> k = Rotate(Linear(layer.k));
      const std::vector<float> attention = Attend(q, k, Linear(layer.v));
      Quantize(SubNorm(attention, layer.attn_sub_norm));
      AddTo(x, Linear(layer.output));
      Quantize(Norm(x, layer.ffn_norm));
      Quantize(SubNorm(Gate(Linear(layer.gate), Linear(layer.up)), layer.ffn_sub_norm));
      AddTo(x, Linear(layer.down));
    }
    const std::vector<float> h = Norm(x, weights_.output_norm);
    std::vector<float> logits(static_cast<size_t>(rows_) * shape.vocab);
    LogitsProjection(context_, {.table = weights_.head.data(),
                                .vocab = static_cast<int64_t>(shape.vocab),
                                .dim = hidden,
                                .h = h.data(),
                                .rows = rows_,
                                .logits = logits.data()});
    for (int64_t r = 0; r < rows_; ++r) {
      ExpectClose(logits, r, float64::Logits(Row(h, r, hidden), weights_.head, shape.vocab), "head");
    }
    return logits;
  }

 private:
  std::vector<float> Norm(const std::vector<float>& x, std::span<const float> weight) {
    const int64_t dim = static_cast<int64_t>(weight.size());
    std::vector<float> y(x.size());
    RmsNorm(context_,
            {.x = x.data(), .weight = weight.data(), .y = y.data(), .rows = rows_, .dim = dim, .eps = config_.rms_eps});
    for (int64_t r = 0; r < rows_; ++r) {
      ExpectClose(y, r, float64::RmsNorm(Row(x, r, dim), weight, static_cast<double>(config_.rms_eps)), "rms_norm");
    }
    return y;
  }

  std::vector<float> SubNorm(const std::vector<float>& x, std::span<const float> weight) {
    return config_.shape.sub_norms ? Norm(x, weight) : x;
  }

  void Quantize(const std::vector<float>& x) {
    const int64_t dim = static_cast<int64_t>(x.size()) / rows_;
    q_.assign(x.size(), 0);
    scale_.assign(static_cast<size_t>(rows_), 0);
    sum_.assign(static_cast<size_t>(rows_), 0);
    ASSERT_TRUE(
        ActQuant(context_,
                 {.x = x.data(), .q = q_.data(), .scale = scale_.data(), .sum = sum_.data(), .rows = rows_, .dim = dim})
            .ok());
    for (int64_t r = 0; r < rows_; ++r) {
      const float64::Quantized expected = float64::Quantize(Row(x, r, dim));
      ASSERT_NEAR(static_cast<double>(scale_[static_cast<size_t>(r)]) / expected.scale, 1.0, kRelative);
      for (int64_t i = 0; i < dim; ++i) {
        // The nearest integer to x * s, but for products within float error of a tie.
        const double product = static_cast<double>(x[static_cast<size_t>(r * dim + i)]) * expected.scale;
        ASSERT_LE(std::fabs(q_[static_cast<size_t>(r * dim + i)] - product), 0.5 + 127 * kRelative);
      }
    }
  }

  std::vector<float> Linear(const TernaryView& weight) {
    std::vector<float> y(static_cast<size_t>(rows_ * weight.rows));
    TernaryMatmul(context_, {.weight = weight,
                             .q = q_.data(),
                             .act_scale = scale_.data(),
                             .act_sum = sum_.data(),
                             .rows = rows_,
                             .y = y.data()});
    for (int64_t r = 0; r < rows_; ++r) {
      const float64::Quantized input{Vector(q_.begin() + r * weight.cols, q_.begin() + (r + 1) * weight.cols),
                                     static_cast<double>(scale_[static_cast<size_t>(r)])};
      ExpectClose(y, r, float64::BitLinear(input, weight), "ternary_matmul");
    }
    return y;
  }

  std::vector<float> Rotate(const std::vector<float>& x) {
    const int64_t head_dim = static_cast<int64_t>(config_.shape.head_dim);
    const int64_t dim = static_cast<int64_t>(x.size()) / rows_;
    std::vector<float> y = x;
    Rope(context_, {.x = y.data(),
                    .rows = rows_,
                    .heads = dim / head_dim,
                    .head_dim = head_dim,
                    .table = &rope_,
                    .first_position = 0});
    for (int64_t r = 0; r < rows_; ++r) {
      ExpectClose(y, r,
                  float64::Rope(Row(x, r, dim), config_.shape.head_dim, static_cast<double>(config_.rope_freq_base), r),
                  "rope");
    }
    return y;
  }

  std::vector<float> Attend(const std::vector<float>& q, const std::vector<float>& k, const std::vector<float>& v) {
    const ArchShape& shape = config_.shape;
    std::vector<F16> k_cache(k.size()), v_cache(v.size());
    std::vector<float> scores(static_cast<size_t>(AttentionScratchFloats(rows_, context_.pool.size())));
    std::vector<float> out(q.size());
    Attention(context_, {.q = q.data(),
                         .k_new = k.data(),
                         .v_new = v.data(),
                         .k_cache = k_cache.data(),
                         .v_cache = v_cache.data(),
                         .capacity = rows_,
                         .first_position = 0,
                         .rows = rows_,
                         .heads = static_cast<int64_t>(shape.heads),
                         .kv_heads = static_cast<int64_t>(shape.kv_heads),
                         .head_dim = static_cast<int64_t>(shape.head_dim),
                         .scores = scores.data(),
                         .out = out.data()});
    std::vector<Vector> keys, values;
    const int64_t q_dim = static_cast<int64_t>(config_.q_dim()), kv_dim = static_cast<int64_t>(config_.kv_dim());
    for (int64_t r = 0; r < rows_; ++r) {
      keys.push_back(float64::RoundToF16(Row(k, r, kv_dim)));
      values.push_back(float64::RoundToF16(Row(v, r, kv_dim)));
      ExpectClose(out, r, float64::Attention(Row(q, r, q_dim), keys, values, shape), "attention");
    }
    return out;
  }

  std::vector<float> Gate(const std::vector<float>& gate, const std::vector<float>& up) {
    const int64_t dim = static_cast<int64_t>(config_.shape.ffn);
    std::vector<float> out(gate.size());
    const bool silu = config_.shape.activation == Activation::kSilu;
    if (silu) {
      SiluMul(context_, {.gate = gate.data(), .up = up.data(), .out = out.data(), .rows = rows_, .dim = dim});
    } else {
      Relu2Mul(context_, {.gate = gate.data(), .up = up.data(), .out = out.data(), .rows = rows_, .dim = dim});
    }
    for (int64_t r = 0; r < rows_; ++r) {
      const auto expected = silu ? float64::SiluMul : float64::Relu2Mul;
      ExpectClose(out, r, expected(Row(gate, r, dim), Row(up, r, dim)), silu ? "silu_mul" : "relu2_mul");
    }
    return out;
  }

  void AddTo(std::vector<float>& x, const std::vector<float>& y) {
    const int64_t dim = static_cast<int64_t>(config_.shape.hidden);
    const std::vector<float> before = x;
    ResidualAdd(context_, {.x = x.data(), .y = y.data(), .rows = rows_, .dim = dim});
    for (int64_t r = 0; r < rows_; ++r) {
      Vector expected = Row(before, r, dim);
      for (int64_t i = 0; i < dim; ++i)
        expected[static_cast<size_t>(i)] += static_cast<double>(y[static_cast<size_t>(r * dim + i)]);
      ExpectClose(x, r, expected, "residual_add");
    }
  }

  KernelContext& context_;
  const ModelConfig& config_;
  const Weights& weights_;
  const RopeTable& rope_;
  const std::vector<int32_t> ids_;
  const int64_t rows_;
  std::vector<int8_t> q_;
  std::vector<float> scale_;
  std::vector<int32_t> sum_;
};

std::vector<float> EngineLogits(Session& session, const std::vector<int32_t>& ids) {
  std::vector<float> logits;
  const absl::Status status =
      session.Prefill(ids, [&](std::span<const float> row) { logits.insert(logits.end(), row.begin(), row.end()); });
  EXPECT_TRUE(status.ok()) << status;
  return logits;
}

class Float64Reference : public testing::TestWithParam<const char*> {};

TEST_P(Float64Reference, EveryOpAgreesAndTheOpsAreTheEngine) {
  ThreadPool pool(2);
  const TestingModel file(GetParam(), 3);
  const auto model = LoadedModel::Load(file.path(), pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 64});
  ASSERT_TRUE(session.ok()) << session.status();
  const std::vector<int32_t> ids = TestingIds(12, (*model)->config.shape.vocab);
  const std::vector<float> op_by_op = OpByOp(**session, ids).Run();
  if (HasFatalFailure()) return;
  // Bit-equal: the ops just compared are the ones that the engine runs, in its order.
  EXPECT_EQ(op_by_op, EngineLogits(**session, ids));
}

TEST_P(Float64Reference, WholeModelAgreesInCosine) {
  ThreadPool pool(2);
  const TestingModel file(GetParam(), 4);
  const auto model = LoadedModel::Load(file.path(), pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 64});
  ASSERT_TRUE(session.ok()) << session.status();
  const std::vector<int32_t> ids = TestingIds(16, (*model)->config.shape.vocab);
  std::vector<float> reference;
  for (const Vector& row : float64::Forward((*model)->config, (*model)->weights, ids)) {
    reference.insert(reference.end(), row.begin(), row.end());
  }
  const LogitsComparison compared =
      CompareLogits(EngineLogits(**session, ids), reference, (*model)->config.shape.vocab);
  std::printf("%s: relative %.3e, cosine mean %.6f, min %.6f\n", GetParam(), compared.relative, compared.cosine_mean,
              compared.cosine_min);
  EXPECT_GE(compared.cosine_mean, 0.9996);
}

INSTANTIATE_TEST_SUITE_P(Presets, Float64Reference, testing::Values("nano", "tiny", "tiny-llama"));

// The reference rotates what the file's rows give in the file's form; the engine's rows were put in another order. Were
// the two forms confused, they would not agree: this is what that looks like.
TEST(RopeForms, ConfusingThemShows) {
  ThreadPool pool(2);
  const TestingModel file("tiny-llama", 4);
  const auto model = LoadedModel::Load(file.path(), pool);
  ASSERT_TRUE(model.ok()) << model.status();
  ModelConfig other = (*model)->config;
  other.rope_form = RopeForm::kHalfSplit;
  const std::vector<int32_t> ids = TestingIds(16, other.shape.vocab);
  const auto flat = [&](const ModelConfig& config) {
    std::vector<float> logits;
    for (const Vector& row : float64::Forward(config, (*model)->weights, ids)) {
      logits.insert(logits.end(), row.begin(), row.end());
    }
    return logits;
  };
  const LogitsComparison compared = CompareLogits(flat(other), flat((*model)->config), other.shape.vocab);
  EXPECT_LT(compared.cosine_mean, 0.99);
}

// Rows of interleaved rope in another order, rotated as halves, are the rotated rows in that order.
TEST(RopeForms, ReorderedRowsRotateAlike) {
  constexpr uint64_t kHeadDim = 32, kHeads = 3;
  Vector interleaved(kHeadDim * kHeads);
  for (size_t i = 0; i < interleaved.size(); ++i) interleaved[i] = std::sin(static_cast<double>(i * i));
  const auto reorder = [](const Vector& x) {
    Vector y(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t in_head = i % kHeadDim;
      y[i - in_head + in_head % 2 * kHeadDim / 2 + in_head / 2] = x[i];
    }
    return y;
  };
  for (const int64_t position : {0, 1, 77, 4095}) {
    EXPECT_EQ(float64::Rope(reorder(interleaved), kHeadDim, 10000, position),
              reorder(float64::RopeInterleaved(interleaved, kHeadDim, 10000, position)));
  }
}

}  // namespace
}  // namespace bitnet
