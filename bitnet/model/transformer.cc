#include "bitnet/model/transformer.h"

#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "absl/log/check.h"
#include "absl/status/status.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/act_quant/act_quant.h"
#include "bitnet/kernels/attention/attention.h"
#include "bitnet/kernels/embed/embed.h"
#include "bitnet/kernels/head/head.h"
#include "bitnet/kernels/relu2_mul/relu2_mul.h"
#include "bitnet/kernels/residual_add/residual_add.h"
#include "bitnet/kernels/rms_norm/rms_norm.h"
#include "bitnet/kernels/silu_mul/silu_mul.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul.h"

namespace bitnet {
namespace {

int64_t WidestInput(const ModelConfig& config) {
  return static_cast<int64_t>(std::max({config.shape.hidden, config.q_dim(), config.shape.ffn}));
}

AlignedBuffer<float> Rows(int64_t rows, uint64_t width) {
  return AlignedBuffer<float>(static_cast<size_t>(rows) * static_cast<size_t>(width));
}

// Screening leaves -infinity behind, and does not where a logit might not be finite: only whole rows are looked at.
// Branch-free within a row of logits, so that it costs no more than reading them: x - x is 0 for every finite x only.
absl::Status CheckLogits(std::span<const float> logits) {
  int bad = 0;
  for (float logit : logits) bad |= (logit - logit) != 0.0f;
  if (bad == 0) return absl::OkStatus();
  return absl::DataLossError("logits are not finite: the model's weights overflow binary32");
}

// One forward pass: the arguments that every block shares.
class Pass {
 public:
  Pass(KernelContext& context, const Transformer& model, int64_t rows, std::span<const SequenceRows> sequences,
       Activations& a)
      : context_(context),
        config_(model.config),
        rope_(model.rope),
        tap_(model.tap),
        rows_(rows),
        sequences_(sequences),
        a_(a) {}

  // Values of the block that runs from here on are of layer `index`.
  void EnterLayer(int64_t index) { layer_ = index; }

  // Shows the tap, if there is one, `rows` rows of the last tokens fed.
  void Tap(TapPoint point, const float* values, uint64_t width, int64_t rows) const {
    if (tap_ == nullptr) return;
    tap_->OnValues({.point = point,
                    .layer = InfoOf(point).per_layer ? layer_ : -1,
                    .first_position = sequences_[0].cache->length() + rows_ - rows,
                    .rows = rows,
                    .values = std::span(values, static_cast<size_t>(rows) * width)});
  }
  void Tap(TapPoint point, const float* values, uint64_t width) const { Tap(point, values, width, rows_); }

  // x += BitLinear_o(sub_norm(attention(rope(q), rope(k), v)))
  absl::Status AttentionBlock(const LayerWeights& layer, int64_t index) {
    const ArchShape& shape = config_.shape;
    BITNET_RETURN_IF_ERROR(NormAndQuantize(a_.x.data(), layer.attn_norm, TapPoint::kAttnNorm));
    BitLinear(layer.q, a_.q.data(), TapPoint::kQ);
    BitLinear(layer.k, a_.k.data(), TapPoint::kK);
    BitLinear(layer.v, a_.v.data(), TapPoint::kV);
    RotateHeads(a_.q.data(), shape.heads, TapPoint::kQRope);
    RotateHeads(a_.k.data(), shape.kv_heads, TapPoint::kKRope);
    const uint64_t q_dim = config_.q_dim(), kv_dim = config_.kv_dim();
    ForEachSequence([&](KvCache& cache, int64_t first_row, int64_t rows) {
      const uint64_t row = static_cast<uint64_t>(first_row);
      Attention(context_, {.q = a_.q.data() + row * q_dim,
                           .k_new = a_.k.data() + row * kv_dim,
                           .v_new = a_.v.data() + row * kv_dim,
                           .k_cache = cache.keys(index),
                           .v_cache = cache.values(index),
                           .capacity = cache.capacity(),
                           .first_position = cache.length(),
                           .rows = rows,
                           .heads = static_cast<int64_t>(shape.heads),
                           .kv_heads = static_cast<int64_t>(shape.kv_heads),
                           .head_dim = static_cast<int64_t>(shape.head_dim),
                           .scores = a_.scores.data(),
                           .out = a_.attn.data() + row * q_dim});
    });
    Tap(TapPoint::kAttention, a_.attn.data(), config_.q_dim());
    BITNET_RETURN_IF_ERROR(
        SubNormAndQuantize(a_.attn.data(), config_.q_dim(), layer.attn_sub_norm, TapPoint::kAttnSubNorm));
    BitLinear(layer.output, a_.proj.data(), TapPoint::kAttnOutput);
    AddToResidual(TapPoint::kAttnResidual);
    return absl::OkStatus();
  }

  // x += BitLinear_down(sub_norm(activation(gate) * up))
  absl::Status FeedForwardBlock(const LayerWeights& layer) {
    BITNET_RETURN_IF_ERROR(NormAndQuantize(a_.x.data(), layer.ffn_norm, TapPoint::kFfnNorm));
    BitLinear(layer.gate, a_.gate.data(), TapPoint::kGate);
    BitLinear(layer.up, a_.up.data(), TapPoint::kUp);
    Gate();
    Tap(TapPoint::kProduct, a_.gate.data(), config_.shape.ffn);
    BITNET_RETURN_IF_ERROR(
        SubNormAndQuantize(a_.gate.data(), config_.shape.ffn, layer.ffn_sub_norm, TapPoint::kFfnSubNorm));
    BitLinear(layer.down, a_.proj.data(), TapPoint::kDown);
    AddToResidual(TapPoint::kLayerOutput);
    return absl::OkStatus();
  }

 private:
  // h = rms_norm(x) of width weight.size(), then int8 per token.
  absl::Status NormAndQuantize(const float* x, std::span<const float> weight, TapPoint point) {
    const int64_t dim = static_cast<int64_t>(weight.size());
    RmsNorm(context_,
            {.x = x, .weight = weight.data(), .y = a_.h.data(), .rows = rows_, .dim = dim, .eps = config_.rms_eps});
    Tap(point, a_.h.data(), weight.size());
    return Quantize(a_.h.data(), dim);
  }

  // The same for an architecture with sub-norms; x of `width` as it is, then int8 per token, for others.
  absl::Status SubNormAndQuantize(const float* x, uint64_t width, std::span<const float> weight, TapPoint point) {
    if (config_.shape.sub_norms) return NormAndQuantize(x, weight, point);
    return Quantize(x, static_cast<int64_t>(width));
  }

  absl::Status Quantize(const float* x, int64_t dim) {
    return ActQuant(
        context_,
        {.x = x, .q = a_.q8.data(), .scale = a_.scale.data(), .sum = a_.sum.data(), .rows = rows_, .dim = dim});
  }

  // gate = activation(gate) * up
  void Gate() {
    const int64_t ffn = static_cast<int64_t>(config_.shape.ffn);
    float* const gate = a_.gate.data();
    switch (config_.shape.activation) {
      case Activation::kRelu2:
        return Relu2Mul(context_, {.gate = gate, .up = a_.up.data(), .out = gate, .rows = rows_, .dim = ffn});
      case Activation::kSilu:
        return SiluMul(context_, {.gate = gate, .up = a_.up.data(), .out = gate, .rows = rows_, .dim = ffn});
    }
  }

  void BitLinear(const TernaryView& weight, float* y, TapPoint point) {
    TernaryMatmul(context_, {.weight = weight,
                             .q = a_.q8.data(),
                             .act_scale = a_.scale.data(),
                             .act_sum = a_.sum.data(),
                             .rows = rows_,
                             .y = y});
    Tap(point, y, static_cast<uint64_t>(weight.rows));
  }

  // fn(cache, first_row, rows) for the rows of each sequence.
  template <typename Fn>
  void ForEachSequence(Fn fn) {
    int64_t first_row = 0;
    for (const SequenceRows& sequence : sequences_) {
      fn(*sequence.cache, first_row, sequence.rows);
      first_row += sequence.rows;
    }
  }

  void RotateHeads(float* x, uint64_t heads, TapPoint point) {
    ForEachSequence([&](const KvCache& cache, int64_t first_row, int64_t rows) {
      Rope(context_, {.x = x + static_cast<uint64_t>(first_row) * heads * config_.shape.head_dim,
                      .rows = rows,
                      .heads = static_cast<int64_t>(heads),
                      .head_dim = static_cast<int64_t>(config_.shape.head_dim),
                      .table = &rope_,
                      .first_position = cache.length()});
    });
    Tap(point, x, heads * config_.shape.head_dim);
  }

  void AddToResidual(TapPoint point) {
    ResidualAdd(
        context_,
        {.x = a_.x.data(), .y = a_.proj.data(), .rows = rows_, .dim = static_cast<int64_t>(config_.shape.hidden)});
    Tap(point, a_.x.data(), config_.shape.hidden);
  }

  KernelContext& context_;
  const ModelConfig& config_;
  const RopeTable& rope_;
  ActivationTap* const tap_;
  const int64_t rows_;
  const std::span<const SequenceRows> sequences_;
  Activations& a_;
  int64_t layer_ = 0;
};

}  // namespace

Activations::Activations(const ModelConfig& config, int64_t rows, int64_t kv_capacity, int threads)
    : max_rows(rows),
      x(Rows(rows, config.shape.hidden)),
      h(Rows(rows, static_cast<uint64_t>(WidestInput(config)))),
      q(Rows(rows, config.q_dim())),
      k(Rows(rows, config.kv_dim())),
      v(Rows(rows, config.kv_dim())),
      attn(Rows(rows, config.q_dim())),
      gate(Rows(rows, config.shape.ffn)),
      up(Rows(rows, config.shape.ffn)),
      proj(Rows(rows, config.shape.hidden)),
      q8(static_cast<size_t>(rows * WidestInput(config))),
      scale(static_cast<size_t>(rows)),
      sum(static_cast<size_t>(rows)),
      scores(static_cast<size_t>(AttentionScratchFloats(kv_capacity, threads))),
      screen(static_cast<int64_t>(config.shape.vocab), static_cast<int64_t>(config.shape.hidden),
             std::min(rows, kMaxScreenRows)) {}

absl::Status Transformer::Logits(KernelContext& context, const LogitsProjectionArgs& head, Activations& a) const {
  const bool screen =
      kept.largest > 0 && kept.largest <= ScreenLimit(head.vocab) && tap == nullptr && !weights.screened_head.empty();
  const int64_t at_once = screen ? a.screen.rows : head.rows;
  int64_t head_rows = 0;
  for (int64_t first = 0; first < head.rows; first += at_once) {
    LogitsProjectionArgs some = head;
    some.h += first * head.dim;
    some.logits += first * head.vocab;
    some.rows = std::min(at_once, head.rows - first);
    std::span<const bool> screened;  // [some.rows], or empty
    if (screen) {
      screened = ScreenedLogitsProjection(context, some, weights.screened_head, kept, a.screen);
      head_rows += a.screen.head_rows;
    } else {
      LogitsProjection(context, some);
      head_rows += some.rows * some.vocab;
    }
    for (int64_t row = 0; row < some.rows; ++row) {
      if (!screened.empty() && screened[static_cast<size_t>(row)]) continue;
      BITNET_RETURN_IF_ERROR(CheckLogits(std::span(some.logits + row * head.vocab, static_cast<size_t>(head.vocab))));
    }
  }
  a.screen.head_rows = head_rows;
  return absl::OkStatus();
}

absl::Status Transformer::Forward(KernelContext& context, StepKind kind, std::span<const int32_t> ids,
                                  int64_t logit_rows, KvCache& cache, Activations& a, std::span<float> logits) const {
  const SequenceRows all = {&cache, static_cast<int64_t>(ids.size())};
  return Forward(context, kind, ids, logit_rows, std::span(&all, 1), a, logits);
}

absl::Status Transformer::Forward(KernelContext& context, StepKind kind, std::span<const int32_t> ids,
                                  int64_t logit_rows, std::span<const SequenceRows> sequences, Activations& a,
                                  std::span<float> logits) const {
  const int64_t rows = static_cast<int64_t>(ids.size());
  const int64_t hidden = static_cast<int64_t>(config.shape.hidden);
  const int64_t vocab = static_cast<int64_t>(config.shape.vocab);
  CHECK(rows >= 1 && rows <= a.max_rows && logit_rows <= rows);
  CHECK(sequences.size() == 1 || tap == nullptr);
  int64_t rows_of_sequences = 0;
  for (const SequenceRows& sequence : sequences) {
    CHECK_LE(sequence.cache->length() + sequence.rows, sequence.cache->capacity());
    rows_of_sequences += sequence.rows;
  }
  CHECK_EQ(rows_of_sequences, rows);
  CHECK_GE(static_cast<int64_t>(logits.size()), logit_rows * vocab);
  const Recorder::Records before = context.recorder.records();
  bool ended = false;
  const absl::Cleanup forget = [&] {
    if (!ended) context.recorder.Restore(before);
  };
  const uint64_t start = NowNs();
  EmbeddingLookup(context, {.table = weights.token_embd.data(),
                            .vocab = vocab,
                            .dim = hidden,
                            .ids = ids.data(),
                            .rows = rows,
                            .out = a.x.data()});
  Pass pass(context, *this, rows, sequences, a);
  pass.Tap(TapPoint::kEmbed, a.x.data(), config.shape.hidden);
  for (size_t i = 0; i < weights.layers.size(); ++i) {
    pass.EnterLayer(static_cast<int64_t>(i));
    BITNET_RETURN_IF_ERROR(pass.AttentionBlock(weights.layers[i], static_cast<int64_t>(i)));
    BITNET_RETURN_IF_ERROR(pass.FeedForwardBlock(weights.layers[i]));
  }
  if (logit_rows > 0) {
    const float* last = a.x.data() + (rows - logit_rows) * hidden;
    RmsNorm(context, {.x = last,
                      .weight = weights.output_norm.data(),
                      .y = a.h.data(),
                      .rows = logit_rows,
                      .dim = hidden,
                      .eps = config.rms_eps});
    pass.Tap(TapPoint::kOutputNorm, a.h.data(), config.shape.hidden, logit_rows);
    const LogitsProjectionArgs head = {.table = weights.head.data(),
                                       .vocab = vocab,
                                       .dim = hidden,
                                       .h = a.h.data(),
                                       .rows = logit_rows,
                                       .logits = logits.data()};
    BITNET_RETURN_IF_ERROR(Logits(context, head, a));
    pass.Tap(TapPoint::kLogits, logits.data(), config.shape.vocab, logit_rows);
  }
  for (const SequenceRows& sequence : sequences) sequence.cache->Advance(sequence.rows);
  const Op op = kind == StepKind::kPrefill ? Op::kPrefillForward : Op::kDecodeForward;
  context.recorder.Record(SelectKernel(op, rows, context.isa), RowWork(static_cast<uint64_t>(rows)), NowNs() - start);
  context.recorder.RecordStep(kind, static_cast<uint64_t>(rows), static_cast<uint64_t>(logit_rows));
  ended = true;
  return absl::OkStatus();
}

}  // namespace bitnet
