#include "bitnet/synthetic/tensors.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/architecture.h"

namespace bitnet {
namespace {

constexpr double kEmbeddingNorm = 3.5;
constexpr double kQueryKeySpread = 1.6;
constexpr double kInnerSpread = 1.0;  // of matrices whose output is normalised again: value, gate, up
constexpr double kFirstFfnSpread = 4.0;
constexpr double kLaterAttentionSpread = 4.0;  // of the sum over all layers but the first
constexpr double kLaterFfnSpread = 3.0;

// Division and square root are exact to the last bit in IEEE arithmetic: the same scale on every machine.
SyntheticTensor Ternary(std::string name, int64_t columns, int64_t rows, double spread) {
  return {std::move(name),
          TensorType::kI2S,
          {static_cast<uint64_t>(columns), static_cast<uint64_t>(rows)},
          static_cast<float>(spread / std::sqrt(static_cast<double>(columns) / 2))};
}

SyntheticTensor Norm(std::string name, int64_t size) {
  return {std::move(name), TensorType::kF32, {static_cast<uint64_t>(size)}, 0};
}

}  // namespace

std::vector<SyntheticTensor> SyntheticTensors(const SyntheticPreset& preset) {
  const int64_t hidden = preset.hidden;
  const int64_t kv = preset.kv_heads * preset.head_dim;
  const double embedding = kEmbeddingNorm / std::sqrt(static_cast<double>(hidden));
  const double later_layers = std::sqrt(static_cast<double>(preset.layers - 1));
  const bool sub_norms = FindArchitecture(preset.architecture)->sub_norms;
  const auto table = [&](std::string name) -> SyntheticTensor {
    return {std::move(name),
            TensorType::kF16,
            {static_cast<uint64_t>(hidden), static_cast<uint64_t>(preset.vocab)},
            static_cast<float>(embedding),
            static_cast<uint64_t>(preset.vocab - preset.special_tokens)};
  };
  std::vector<SyntheticTensor> tensors;
  tensors.push_back(table("token_embd.weight"));
  for (int64_t layer = 0; layer < preset.layers; ++layer) {
    const auto name = [&](std::string_view part) { return absl::StrCat("blk.", layer, ".", part, ".weight"); };
    const double attention = preset.layer_gain * (layer == 0 ? embedding : kLaterAttentionSpread / later_layers);
    const double ffn = preset.layer_gain * (layer == 0 ? kFirstFfnSpread : kLaterFfnSpread / later_layers);
    tensors.push_back(Norm(name("attn_norm"), hidden));
    tensors.push_back(Ternary(name("ffn_down"), preset.ffn, hidden, ffn));
    if (sub_norms) tensors.push_back(Norm(name("ffn_sub_norm"), preset.ffn));
    tensors.push_back(Ternary(name("ffn_gate"), hidden, preset.ffn, kInnerSpread));
    tensors.push_back(Ternary(name("ffn_up"), hidden, preset.ffn, kInnerSpread));
    tensors.push_back(Norm(name("ffn_norm"), hidden));
    if (sub_norms) tensors.push_back(Norm(name("attn_sub_norm"), hidden));
    tensors.push_back(Ternary(name("attn_k"), hidden, kv, kQueryKeySpread));
    tensors.push_back(Ternary(name("attn_output"), hidden, hidden, attention));
    tensors.push_back(Ternary(name("attn_q"), hidden, hidden, kQueryKeySpread));
    tensors.push_back(Ternary(name("attn_v"), hidden, kv, kInnerSpread));
  }
  tensors.push_back(Norm("output_norm.weight", hidden));
  if (preset.untied_head) tensors.push_back(table("output.weight"));
  return tensors;
}

}  // namespace bitnet
