#include "bitnet/hf/tensor_names.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bitnet {
namespace {

enum class Size { kOne, kHidden, kFfn, kQ, kKv, kVocab };

struct NameRow {
  std::string_view hf;
  std::string_view gguf;
  HfRole role;
  Size rows, cols;
  bool sub_norm = false;  // only in architectures that have them
};

constexpr HfRole kNorm = HfRole::kNorm;
constexpr HfRole kProjection = HfRole::kProjection;

constexpr NameRow kTop = {kHfEmbedding, "token_embd.weight", HfRole::kTable, Size::kVocab, Size::kHidden};
constexpr NameRow kBlock[] = {
    {"input_layernorm", "attn_norm", kNorm, Size::kOne, Size::kHidden},
    {"mlp.down_proj", "ffn_down", kProjection, Size::kHidden, Size::kFfn},
    {"mlp.ffn_sub_norm", "ffn_sub_norm", kNorm, Size::kOne, Size::kFfn, true},
    {"mlp.gate_proj", "ffn_gate", kProjection, Size::kFfn, Size::kHidden},
    {"mlp.up_proj", "ffn_up", kProjection, Size::kFfn, Size::kHidden},
    {"post_attention_layernorm", "ffn_norm", kNorm, Size::kOne, Size::kHidden},
    {"self_attn.attn_sub_norm", "attn_sub_norm", kNorm, Size::kOne, Size::kQ, true},
    {"self_attn.k_proj", "attn_k", kProjection, Size::kKv, Size::kHidden},
    {"self_attn.o_proj", "attn_output", kProjection, Size::kHidden, Size::kQ},
    {"self_attn.q_proj", "attn_q", kProjection, Size::kQ, Size::kHidden},
    {"self_attn.v_proj", "attn_v", kProjection, Size::kKv, Size::kHidden},
};
constexpr NameRow kEnd = {"model.norm.weight", "output_norm.weight", kNorm, Size::kOne, Size::kHidden};
constexpr NameRow kHead = {kHfHead, "output.weight", HfRole::kTable, Size::kVocab, Size::kHidden};

uint64_t SizeOf(const HfConfig& config, Size size) {
  switch (size) {
    case Size::kOne:
      return 1;
    case Size::kHidden:
      return config.hidden;
    case Size::kFfn:
      return config.ffn;
    case Size::kQ:
      return config.q_dim();
    case Size::kKv:
      return config.kv_dim();
    case Size::kVocab:
      return config.vocab;
  }
  return 0;
}

HfTensor Make(const HfConfig& config, const NameRow& row, std::string hf_name, std::string gguf_name) {
  HfTensor tensor;
  tensor.hf_name = std::move(hf_name);
  tensor.gguf_name = std::move(gguf_name);
  tensor.role = row.role;
  tensor.rows = SizeOf(config, row.rows);
  tensor.cols = SizeOf(config, row.cols);
  if (config.architecture->rope == RopeForm::kInterleaved) {
    if (row.gguf == "attn_q") tensor.interleaved_heads = config.heads;
    if (row.gguf == "attn_k") tensor.interleaved_heads = config.kv_heads;
  }
  return tensor;
}

}  // namespace

std::vector<HfTensor> HfTensors(const HfConfig& config, bool own_head) {
  std::vector<HfTensor> tensors;
  const auto add = [&](const NameRow& row) {
    tensors.push_back(Make(config, row, std::string(row.hf), std::string(row.gguf)));
  };
  add(kTop);
  for (uint64_t layer = 0; layer < config.layers; ++layer) {
    for (const NameRow& row : kBlock) {
      if (row.sub_norm && !config.architecture->sub_norms) continue;
      tensors.push_back(Make(config, row, absl::StrCat("model.layers.", layer, ".", row.hf, ".weight"),
                             absl::StrCat("blk.", layer, ".", row.gguf, ".weight")));
    }
  }
  add(kEnd);
  if (own_head) add(kHead);
  return tensors;
}

bool IsHfBuffer(std::string_view hf_name) { return absl::EndsWith(hf_name, ".rotary_emb.inv_freq"); }

}  // namespace bitnet
