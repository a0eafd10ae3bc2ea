#include "verify/independent/walk.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::verify::independent {
namespace {

std::string Digests(const Digest& claimed, const Digest& computed) {
  return absl::StrCat("digest ", ToHex(claimed), " claimed, ", ToHex(computed), " computed");
}

std::string Logits(uint32_t claimed, float computed) {
  return absl::StrFormat("%.9g claimed, %.9g computed", std::bit_cast<float>(claimed), computed);
}

}  // namespace

Walk::Walk(const Model& model, const Commitment& commitment, const ProductChecker& checker, ProductSource& source,
           const Loops& loops, ThreadPool& pool, std::vector<bool> wanted)
    : model_(model),
      shape_(model.shape),
      commitment_(commitment),
      checker_(checker),
      source_(source),
      loops_(loops),
      pool_(pool),
      wanted_(std::move(wanted)) {
  CHECK_EQ(static_cast<int64_t>(commitment.layers), shape_.layers);
  CHECK_EQ(wanted_.size(), commitment.numerics.size());
  const size_t cached = commitment.numerics.size() * static_cast<size_t>(shape_.kv_dim());
  keys_.assign(model.layers.size(), std::vector<float>(cached));
  values_.assign(model.layers.size(), std::vector<float>(cached));
}

void Walk::ForRows(const std::function<void(size_t row)>& job) {
  pool_.Run([&](int worker) {
    const auto [begin, end] = ThreadPool::Partition(static_cast<int64_t>(rows_), 1, worker, pool_.size());
    for (int64_t row = begin; row < end; ++row) job(static_cast<size_t>(row));
  });
}

void Walk::Differ(size_t row, int64_t layer, std::string_view field, std::string detail) {
  CHECK_LT(row, rows_);
  rows_ = row;
  difference_ = {static_cast<int64_t>(first_ + row), layer, std::string(field), std::move(detail)};
}

void Walk::DifferWhere(int64_t layer, std::string_view field, const std::function<std::string(size_t row)>& fault) {
  std::vector<std::string> faults(rows_);
  ForRows([&](size_t row) { faults[row] = fault(row); });
  for (size_t row = 0; row < faults.size(); ++row) {
    if (!faults[row].empty()) return Differ(row, layer, field, std::move(faults[row]));
  }
}

// What leaves must be whatever the model computes: tokens of the vocabulary, each the one chosen before it, and a
// choice at the last position of the prompt and at all after it.
void Walk::CheckLeaves() {
  for (size_t row = 0; row < rows_; ++row) {
    const NumericsLeaf& leaf = Leaf(row);
    const size_t position = first_ + row;
    const NumericsLeaf* before = position == 0 ? nullptr : &commitment_.numerics[position - 1];
    if (leaf.token_in >= shape_.vocab) {
      return Differ(row, -1, "token fed", absl::StrCat(leaf.token_in, " claimed, the vocabulary has ", shape_.vocab));
    }
    if (before != nullptr && before->chosen && before->token_out != leaf.token_in) {
      return Differ(row, -1, "token fed",
                    absl::StrCat(leaf.token_in, " claimed, ", before->token_out, " was chosen at the position before"));
    }
    const bool must_choose = (before != nullptr && before->chosen) || position + 1 == commitment_.numerics.size();
    if (must_choose && !leaf.chosen) return Differ(row, -1, "choice", "none claimed where one must be made");
    if (leaf.chosen && leaf.token_out >= shape_.vocab) {
      return Differ(row, -1, "token chosen",
                    absl::StrCat(leaf.token_out, " claimed, the vocabulary has ", shape_.vocab));
    }
  }
}

void Walk::Embed() {
  rotations_.clear();
  for (size_t row = 0; row < rows_; ++row) {
    rotations_.emplace_back(static_cast<int64_t>(first_ + row), shape_.head_dim, shape_.rope_base);
    loops_.from_f16(model_.EmbeddingRow(Leaf(row).token_in), Row(x_, row, shape_.hidden).data(),
                    static_cast<size_t>(shape_.hidden));
  }
}

absl::Status Walk::Quantize(const std::vector<float>& values, int64_t width, int64_t layer) {
  const size_t count = static_cast<size_t>(width);
  quantized_.resize(rows_ * count);
  scales_.resize(rows_);
  ForRows([&](size_t row) {
    scales_[row] = QuantizeRow(loops_, {values.data() + row * count, count}, {quantized_.data() + row * count, count});
  });
  for (size_t row = 0; row < rows_; ++row) {
    if (scales_[row] == 0) {
      return absl::DataLossError(absl::StrCat("position ", first_ + row, ", layer ", layer,
                                              ": activations are not finite: the model's arithmetic overflows"));
    }
  }
  return absl::OkStatus();
}

absl::Status Walk::Multiply(int64_t layer, Product product, int64_t width, std::vector<float>& y) {
  if (rows_ == 0) return absl::OkStatus();
  const TernaryMatrix& matrix = model_.layers[static_cast<size_t>(layer)].Of(product);
  const ProductRequest request{.first_position = static_cast<int64_t>(first_),
                               .rows = static_cast<int64_t>(rows_),
                               .layer = layer,
                               .product = product,
                               .x = std::span(quantized_).first(rows_ * static_cast<size_t>(width)),
                               .scales = std::span(scales_).first(rows_)};
  y.resize(rows_ * static_cast<size_t>(matrix.rows));
  const uint64_t begin = NowNs();
  BITNET_RETURN_IF_ERROR(source_.Multiply(request, y));
  const uint64_t multiplied = NowNs();
  ProductChecker::Verdict verdict = checker_.Check(request, y);
  tally_.source_ns += multiplied - begin;
  tally_.check_ns += NowNs() - multiplied;
  tally_.products_tested += verdict.tested;
  tally_.products_recomputed += verdict.recomputed;
  if (!verdict.fault.empty()) {
    Differ(static_cast<size_t>(verdict.good_rows), layer, ProductName(product), std::move(verdict.fault));
  }
  return absl::OkStatus();
}

void Walk::StoreKeysAndValues(int64_t layer) {
  const size_t dim = static_cast<size_t>(shape_.head_dim);
  const size_t heads = static_cast<size_t>(shape_.kv_heads);
  const size_t width = static_cast<size_t>(shape_.kv_dim());
  const size_t capacity = commitment_.numerics.size();
  const size_t index = static_cast<size_t>(layer);
  DifferWhere(layer, "keys and values", [&](size_t row) -> std::string {
    const size_t position = first_ + row;
    std::vector<F16> bits(2 * width);
    RoundToF16(Row(k_, row, shape_.kv_dim()), std::span(bits).first(width));
    RoundToF16(Row(v_, row, shape_.kv_dim()), std::span(bits).last(width));
    for (size_t head = 0; head < heads; ++head) {
      const size_t to = (head * capacity + position) * dim;
      std::copy_n(k_.data() + row * width + head * dim, dim, keys_[index].data() + to);
      std::copy_n(v_.data() + row * width + head * dim, dim, values_[index].data() + to);
    }
    const KvRow keys{bits.data(), shape_.head_dim, shape_.kv_heads, shape_.head_dim};
    const KvRow values{bits.data() + width, shape_.head_dim, shape_.kv_heads, shape_.head_dim};
    Sha256 hash;
    const Digest computed = LayerDigest(hash, commitment_.session, static_cast<uint32_t>(position),
                                        static_cast<uint32_t>(layer), keys, values);
    const Digest& claimed = commitment_.layer_digests[position * model_.layers.size() + index];
    return computed == claimed ? "" : Digests(claimed, computed);
  });
  tally_.layers_compared += rows_;
}

void Walk::AttendRows(int64_t layer) {
  const size_t dim = static_cast<size_t>(shape_.head_dim);
  const size_t capacity = commitment_.numerics.size();
  const int64_t group = shape_.heads / shape_.kv_heads;
  const size_t index = static_cast<size_t>(layer);
  h_.resize(rows_ * static_cast<size_t>(shape_.hidden));
  pool_.Run([&](int worker) {
    std::vector<float> scores(first_ + rows_);
    std::vector<float> block(dim);
    const int64_t items = static_cast<int64_t>(rows_) * shape_.heads;
    const auto [begin, end] = ThreadPool::Partition(items, 1, worker, pool_.size());
    for (int64_t item = begin; item < end; ++item) {
      const size_t at = static_cast<size_t>(item) * dim;  // [row][head]
      const size_t row = static_cast<size_t>(item / shape_.heads);
      const size_t head = static_cast<size_t>(item % shape_.heads / group);
      const HeadCache cache{keys_[index].data() + head * capacity * dim, values_[index].data() + head * capacity * dim};
      Attend(loops_, std::span(q_).subspan(at, dim), cache, static_cast<int64_t>(first_ + row + 1), scores.data(),
             block.data(), std::span(h_).subspan(at, dim));
    }
  });
}

absl::Status Walk::AttentionHalf(int64_t layer) {
  const Layer& weights = model_.layers[static_cast<size_t>(layer)];
  const int64_t hidden = shape_.hidden;
  ForRows([&](size_t row) {
    RmsNorm(loops_, Row(x_, row, hidden), weights.attn_norm, shape_.rms_eps, Row(h_, row, hidden));
  });
  BITNET_RETURN_IF_ERROR(Quantize(h_, hidden, layer));
  BITNET_RETURN_IF_ERROR(Multiply(layer, Product::kQ, hidden, q_));
  BITNET_RETURN_IF_ERROR(Multiply(layer, Product::kK, hidden, k_));
  BITNET_RETURN_IF_ERROR(Multiply(layer, Product::kV, hidden, v_));
  ForRows([&](size_t row) {
    rotations_[row].Apply(Row(q_, row, hidden));
    rotations_[row].Apply(Row(k_, row, shape_.kv_dim()));
  });
  StoreKeysAndValues(layer);
  AttendRows(layer);
  ForRows([&](size_t row) {
    RmsNorm(loops_, Row(h_, row, hidden), weights.attn_sub_norm, shape_.rms_eps, Row(h_, row, hidden));
  });
  BITNET_RETURN_IF_ERROR(Quantize(h_, hidden, layer));
  BITNET_RETURN_IF_ERROR(Multiply(layer, Product::kAttnOutput, hidden, y_));
  ForRows([&](size_t row) { AddTo(Row(x_, row, hidden), Row(y_, row, hidden)); });
  return absl::OkStatus();
}

absl::Status Walk::FeedForwardHalf(int64_t layer) {
  const Layer& weights = model_.layers[static_cast<size_t>(layer)];
  const int64_t hidden = shape_.hidden;
  const int64_t ffn = shape_.ffn;
  ForRows([&](size_t row) {
    RmsNorm(loops_, Row(x_, row, hidden), weights.ffn_norm, shape_.rms_eps, Row(h_, row, hidden));
  });
  BITNET_RETURN_IF_ERROR(Quantize(h_, hidden, layer));
  BITNET_RETURN_IF_ERROR(Multiply(layer, Product::kGate, hidden, y_));
  BITNET_RETURN_IF_ERROR(Multiply(layer, Product::kUp, hidden, up_));
  ForRows([&](size_t row) {
    Relu2Mul(Row(y_, row, ffn), Row(up_, row, ffn));
    RmsNorm(loops_, Row(y_, row, ffn), weights.ffn_sub_norm, shape_.rms_eps, Row(y_, row, ffn));
  });
  BITNET_RETURN_IF_ERROR(Quantize(y_, ffn, layer));
  BITNET_RETURN_IF_ERROR(Multiply(layer, Product::kDown, ffn, h_));
  ForRows([&](size_t row) { AddTo(Row(x_, row, hidden), Row(h_, row, hidden)); });
  return absl::OkStatus();
}

absl::Status Walk::CheckChoices() {
  std::vector<size_t> chosen;
  for (size_t row = 0; row < rows_; ++row) {
    if (Leaf(row).chosen && wanted_[first_ + row]) chosen.push_back(row);
  }
  if (chosen.empty()) return absl::OkStatus();
  const uint64_t begin = NowNs();
  const size_t hidden = static_cast<size_t>(shape_.hidden);
  std::vector<float> normed(chosen.size() * hidden);
  for (size_t i = 0; i < chosen.size(); ++i) {
    RmsNorm(loops_, Row(x_, chosen[i], shape_.hidden), model_.output_norm, shape_.rms_eps,
            Row(normed, i, shape_.hidden));
  }
  BITNET_ASSIGN_OR_RETURN(const std::vector<TopTwo> top, TopTwoOfRows(model_, loops_, pool_, normed));
  tally_.head_ns += NowNs() - begin;
  for (size_t i = 0; i < chosen.size(); ++i) {
    const NumericsLeaf& leaf = Leaf(chosen[i]);
    ++tally_.choices_compared;
    tally_.largest_chosen += leaf.token_out == top[i].argmax ? 1 : 0;
    if (leaf.argmax != top[i].argmax) {
      Differ(chosen[i], -1, "most likely token", absl::StrCat(leaf.argmax, " claimed, ", top[i].argmax, " computed"));
    } else if (leaf.top1_bits != std::bit_cast<uint32_t>(top[i].top1)) {
      Differ(chosen[i], -1, "largest logit", Logits(leaf.top1_bits, top[i].top1));
    } else if (leaf.top2_bits != std::bit_cast<uint32_t>(top[i].top2)) {
      Differ(chosen[i], -1, "second logit", Logits(leaf.top2_bits, top[i].top2));
    } else {
      continue;
    }
    break;
  }
  return absl::OkStatus();
}

absl::Status Walk::Next(size_t rows) {
  CHECK(!done());
  rows_ = std::min(rows, commitment_.numerics.size() - first_);
  const size_t chunk = rows_;
  CheckLeaves();
  if (rows_ == 0) return absl::OkStatus();
  std::vector<uint32_t> ids;
  for (size_t row = 0; row < rows_; ++row) ids.push_back(Leaf(row).token_in);
  BITNET_RETURN_IF_ERROR(source_.Begin(static_cast<int64_t>(first_), ids));
  x_.resize(rows_ * static_cast<size_t>(shape_.hidden));
  h_.resize(x_.size());
  Embed();
  for (int64_t layer = 0; layer < shape_.layers && rows_ > 0; ++layer) {
    BITNET_RETURN_IF_ERROR(AttentionHalf(layer));
    BITNET_RETURN_IF_ERROR(FeedForwardHalf(layer));
  }
  DifferWhere(-1, "hidden state after the last layer", [&](size_t row) -> std::string {
    const std::span<const float> values = Row(x_, row, shape_.hidden);
    const Digest computed = Sha256Of({reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()});
    return computed == Leaf(row).hidden ? "" : Digests(Leaf(row).hidden, computed);
  });
  BITNET_RETURN_IF_ERROR(CheckChoices());
  tally_.positions += rows_;
  first_ += chunk;
  return absl::OkStatus();
}

}  // namespace bitnet::verify::independent
