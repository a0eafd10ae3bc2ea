#include "bitnet/engine/cheating/cheating_pass.h"

#include <algorithm>
#include <array>

#include "absl/log/check.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/act_quant/act_quant.h"
#include "bitnet/kernels/attention/attention.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/embed/embed.h"
#include "bitnet/kernels/head/head.h"
#include "bitnet/kernels/relu2_mul/relu2_mul.h"
#include "bitnet/kernels/residual_add/residual_add.h"
#include "bitnet/kernels/rms_norm/rms_norm.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul.h"

namespace bitnet::cheating {
namespace {

constexpr float kOtherScale = 1.0625f;

bool IsBent(Cheat cheat) {
  return cheat == Cheat::kFloatActivations || cheat == Cheat::kFloatSums || cheat == Cheat::kSaturatingLanes;
}

// -1, 0 or +1 of weight `i` of an I2_S matrix.
int8_t TritAt(const TernaryView& weight, int64_t i) {
  const uint8_t byte = weight.packed[static_cast<size_t>(i / kI2sBlock * 32 + i % 32)];
  return static_cast<int8_t>(((byte >> (6 - 2 * (i % kI2sBlock / 32))) & 3) - 1);
}

WorkTable WorkOf(const Recorder& recorder) {
  WorkTable work;
  for (int i = 0; i < kKernelCount; ++i) {
    work[static_cast<size_t>(i)] = recorder.record(static_cast<KernelId>(i)).work;
  }
  return work;
}

}  // namespace

CheatingPass::CheatingPass(const LoadedModel& model, Session& session, const CheatPlan& plan, int64_t rows,
                           int64_t positions)
    : model_(model),
      context_(session.context()),
      plan_(plan),
      origin_ns_(NowNs()),
      layers_(model.weights.layers),
      rope_(
          RopeTable::Create(static_cast<int64_t>(model.config.shape.head_dim), model.config.rope_freq_base, positions)),
      cache_(model.config.shape, positions),
      a_(model.config, rows, positions, session.context().pool.size()),
      logits_(model.config.shape.vocab),
      draft_(model.config.shape.vocab) {
  CHECK(model.config.shape.sub_norms && model.config.shape.activation == Activation::kRelu2);
  if (plan.cheat == Cheat::kScaledWeights) layers_.back().up.scale *= kOtherScale;
}

uint64_t CheatingPass::ToldNs() const {
  return (NowNs() - origin_ns_) / (plan_.cheat == Cheat::kShrunkClock ? plan_.clock_divisor : 1);
}

const std::vector<int8_t>& CheatingPass::Trits(const TernaryView& weight) {
  std::vector<int8_t>& trits = trits_[weight.packed.data()];
  if (trits.empty()) {
    trits.resize(static_cast<size_t>(weight.rows * weight.cols));
    for (size_t i = 0; i < trits.size(); ++i) trits[i] = TritAt(weight, static_cast<int64_t>(i));
  }
  return trits;
}

void CheatingPass::BentProduct(const TernaryView& weight, const int8_t* q, const float* h, float act_scale, float* y) {
  const std::vector<int8_t>& trits = Trits(weight);
  const float scale = weight.scale / act_scale;
  for (int64_t row = 0; row < weight.rows; ++row) {
    const int8_t* w = trits.data() + row * weight.cols;
    if (plan_.cheat == Cheat::kSaturatingLanes) {
      std::array<int, 32> lanes = {};
      for (int64_t i = 0; i < weight.cols; ++i) {
        int& lane = lanes[static_cast<size_t>(i % 32)];
        lane = std::clamp(lane + q[i] * w[i], -128, 127);
      }
      int sum = 0;
      for (const int lane : lanes) sum += lane;
      y[row] = static_cast<float>(sum) * scale;
      continue;
    }
    float sum = 0;
    if (plan_.cheat == Cheat::kFloatSums) {
      for (int64_t i = 0; i < weight.cols; ++i) sum += static_cast<float>(q[i]) * static_cast<float>(w[i]);
      y[row] = sum * scale;
    } else {
      for (int64_t i = 0; i < weight.cols; ++i) sum += h[i] * static_cast<float>(w[i]);
      y[row] = sum * weight.scale;
    }
  }
}

void CheatingPass::BitLinear(const TernaryView& weight, int64_t rows, float* y) {
  if (!IsBent(plan_.cheat)) {
    TernaryMatmul(context_, {.weight = weight,
                             .q = a_.q8.data(),
                             .act_scale = a_.scale.data(),
                             .act_sum = a_.sum.data(),
                             .rows = rows,
                             .y = y});
    return;
  }
  // Recorded as the kernel that it is not.
  context_.Dispatch(SelectKernel(Op::kTernaryMatmul, rows, context_.isa),
                    TernaryMatmulWork(static_cast<uint64_t>(rows), static_cast<uint64_t>(weight.rows),
                                      static_cast<uint64_t>(weight.cols)),
                    1, 1, [&](int64_t, int64_t) {
                      for (int64_t row = 0; row < rows; ++row) {
                        BentProduct(weight, a_.q8.data() + row * weight.cols, a_.h.data() + row * weight.cols,
                                    a_.scale.data()[row], y + row * weight.rows);
                      }
                    });
}

absl::Status CheatingPass::NormAndQuantize(const float* x, std::span<const float> weight, int64_t rows) {
  const int64_t dim = static_cast<int64_t>(weight.size());
  RmsNorm(context_,
          {.x = x, .weight = weight.data(), .y = a_.h.data(), .rows = rows, .dim = dim, .eps = model_.config.rms_eps});
  return ActQuant(
      context_,
      {.x = a_.h.data(), .q = a_.q8.data(), .scale = a_.scale.data(), .sum = a_.sum.data(), .rows = rows, .dim = dim});
}

void CheatingPass::Rotate(float* x, uint64_t heads, int64_t rows) {
  Rope(context_, {.x = x,
                  .rows = rows,
                  .heads = static_cast<int64_t>(heads),
                  .head_dim = static_cast<int64_t>(model_.config.shape.head_dim),
                  .table = &rope_,
                  .first_position = cache_.length()});
}

void CheatingPass::AddToResidual(int64_t rows) {
  ResidualAdd(
      context_,
      {.x = a_.x.data(), .y = a_.proj.data(), .rows = rows, .dim = static_cast<int64_t>(model_.config.shape.hidden)});
}

absl::Status CheatingPass::Layer(size_t index, int64_t rows) {
  const ArchShape& shape = model_.config.shape;
  const LayerWeights& layer = layers_[index];
  BITNET_RETURN_IF_ERROR(NormAndQuantize(a_.x.data(), layer.attn_norm, rows));
  BitLinear(layer.q, rows, a_.q.data());
  BitLinear(layer.k, rows, a_.k.data());
  BitLinear(layer.v, rows, a_.v.data());
  Rotate(a_.q.data(), shape.heads, rows);
  Rotate(a_.k.data(), shape.kv_heads, rows);
  Attention(context_, {.q = a_.q.data(),
                       .k_new = a_.k.data(),
                       .v_new = a_.v.data(),
                       .k_cache = cache_.keys(static_cast<int64_t>(index)),
                       .v_cache = cache_.values(static_cast<int64_t>(index)),
                       .capacity = cache_.capacity(),
                       .first_position = cache_.length(),
                       .rows = rows,
                       .heads = static_cast<int64_t>(shape.heads),
                       .kv_heads = static_cast<int64_t>(shape.kv_heads),
                       .head_dim = static_cast<int64_t>(shape.head_dim),
                       .scores = a_.scores.data(),
                       .out = a_.attn.data()});
  BITNET_RETURN_IF_ERROR(NormAndQuantize(a_.attn.data(), layer.attn_sub_norm, rows));
  BitLinear(layer.output, rows, a_.proj.data());
  AddToResidual(rows);
  BITNET_RETURN_IF_ERROR(NormAndQuantize(a_.x.data(), layer.ffn_norm, rows));
  BitLinear(layer.gate, rows, a_.gate.data());
  BitLinear(layer.up, rows, a_.up.data());
  Relu2Mul(context_, {.gate = a_.gate.data(),
                      .up = a_.up.data(),
                      .out = a_.gate.data(),
                      .rows = rows,
                      .dim = static_cast<int64_t>(shape.ffn)});
  BITNET_RETURN_IF_ERROR(NormAndQuantize(a_.gate.data(), layer.ffn_sub_norm, rows));
  BitLinear(layer.down, rows, a_.proj.data());
  AddToResidual(rows);
  return absl::OkStatus();
}

// Of the last of `rows` rows of x.
void CheatingPass::Head(KernelContext& context, const float* x, int64_t rows, std::span<float> logits) {
  const int64_t hidden = static_cast<int64_t>(model_.config.shape.hidden);
  RmsNorm(context, {.x = x + (rows - 1) * hidden,
                    .weight = model_.weights.output_norm.data(),
                    .y = a_.h.data(),
                    .rows = 1,
                    .dim = hidden,
                    .eps = model_.config.rms_eps});
  LogitsProjection(context, {.table = model_.weights.head.data(),
                             .vocab = static_cast<int64_t>(model_.config.shape.vocab),
                             .dim = hidden,
                             .h = a_.h.data(),
                             .rows = 1,
                             .logits = logits.data()});
}

bool CheatingPass::Skips(size_t layer, StepKind kind) const {
  if (layer + 1 < layers_.size()) return false;
  return plan_.cheat == Cheat::kSkipLayer || (plan_.cheat == Cheat::kEarlyExit && kind == StepKind::kDecode);
}

void CheatingPass::CoverUp(const WorkTable& before, const ScheduleEntry& entry, bool greedy) {
  const WorkTable honest = ExpectedWork(model_.config.shape, std::span(&entry, 1),
                                        static_cast<uint64_t>(cache_.length()) - entry.rows, 0, greedy, context_.isa);
  for (size_t i = 0; i < honest.size(); ++i) {
    const WorkCount& now = context_.recorder.record(static_cast<KernelId>(i)).work;
    const WorkCount missing = {
        honest[i].calls - (now.calls - before[i].calls), honest[i].rows - (now.rows - before[i].rows),
        honest[i].macs - (now.macs - before[i].macs), honest[i].bytes - (now.bytes - before[i].bytes)};
    if (missing.calls > 0) context_.recorder.Record(static_cast<KernelId>(i), missing, 0);
  }
}

absl::Status CheatingPass::Forward(StepKind kind, std::span<const TokenId> ids, int64_t logit_rows, bool greedy,
                                   Committer* committer) {
  const int64_t rows = static_cast<int64_t>(ids.size());
  const int64_t first_position = cache_.length();
  CHECK(logit_rows <= 1 && rows <= a_.max_rows && first_position + rows <= cache_.capacity());
  rope_.EnsurePositions(first_position + rows);
  const WorkTable before = WorkOf(context_.recorder);
  const uint64_t told_begin = ToldNs();
  const uint64_t begin = NowNs();
  EmbeddingLookup(context_, {.table = model_.weights.token_embd.data(),
                             .vocab = static_cast<int64_t>(model_.config.shape.vocab),
                             .dim = static_cast<int64_t>(model_.config.shape.hidden),
                             .ids = ids.data(),
                             .rows = rows,
                             .out = a_.x.data()});
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (!Skips(i, kind)) BITNET_RETURN_IF_ERROR(Layer(i, rows));
    if (i == 0 && logit_rows > 0 && plan_.cheat == Cheat::kDraft) {
      Recorder unseen;
      KernelContext aside{context_.pool, unseen, context_.isa};
      Head(aside, a_.x.data(), rows, draft_);
    }
  }
  if (logit_rows > 0) Head(context_, a_.x.data(), rows, logits_);
  cache_.Advance(rows);
  const Op span = kind == StepKind::kPrefill ? Op::kPrefillForward : Op::kDecodeForward;
  context_.recorder.Record(SelectKernel(span, rows, context_.isa), RowWork(static_cast<uint64_t>(rows)),
                           NowNs() - begin);
  const ScheduleEntry entry{kind, 1, static_cast<uint64_t>(rows), static_cast<uint64_t>(logit_rows)};
  context_.recorder.RecordStep(kind, entry.rows, entry.logit_rows);
  if (plan_.covered_up) CoverUp(before, entry, greedy);
  if (committer == nullptr) return absl::OkStatus();
  committer->OnForward({.kind = kind,
                        .ids = ids,
                        .first_position = first_position,
                        .logit_rows = logit_rows,
                        .hidden = a_.x.span().first(ids.size() * model_.config.shape.hidden),
                        .cache = cache_,
                        .recorder = context_.recorder,
                        .begin_ns = told_begin,
                        .end_ns = ToldNs()});
  return absl::OkStatus();
}

}  // namespace bitnet::cheating
