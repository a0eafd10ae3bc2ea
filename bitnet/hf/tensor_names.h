// The tensors of a Hugging Face model and what a GGUF file calls them: one table.

#ifndef BITNET_HF_TENSOR_NAMES_H_
#define BITNET_HF_TENSOR_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/hf/hf_config.h"

namespace bitnet {

enum class HfRole : uint8_t {
  kProjection,  // ternary
  kNorm,        // F32 in the GGUF file
  kTable,       // embedding and head, F16 in the GGUF file
};

struct HfTensor {
  std::string hf_name;    // "model.layers.0.self_attn.q_proj.weight"
  std::string gguf_name;  // "blk.0.attn_q.weight"
  HfRole role = HfRole::kNorm;
  uint64_t rows = 1;  // 1 for norms
  uint64_t cols = 0;
  // Heads whose rows must be put from half-split into interleaved order; 0: rows stay as they are.
  uint64_t interleaved_heads = 0;

  // Of the number beside a packed matrix: "model.layers.0.self_attn.q_proj.weight_scale".
  std::string scale_name() const { return hf_name + "_scale"; }
};

inline constexpr std::string_view kHfEmbedding = "model.embed_tokens.weight";
inline constexpr std::string_view kHfHead = "lm_head.weight";

// All tensors that a model of this configuration has, in the order of the official GGUF file; the head last and only
// when it is not tied.
std::vector<HfTensor> HfTensors(const HfConfig& config, bool own_head);

// Buffers that some checkpoints carry and that follow from the configuration: rotary_emb.inv_freq.
bool IsHfBuffer(std::string_view hf_name);

}  // namespace bitnet

#endif  // BITNET_HF_TENSOR_NAMES_H_
