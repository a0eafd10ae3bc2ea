#include "bitnet/hf/hf_metadata.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/hf/hf_pre_tokenizer.h"

namespace bitnet {
namespace {

constexpr uint32_t kQuantizationVersion = 2;

void AddTokenizer(const HfModel& model, GgufWriter& writer) {
  const HfTokenizer& tokenizer = model.tokenizer();
  const auto add_id = [&](std::string_view key, const std::optional<TokenId>& id) {
    if (id.has_value()) writer.AddU32(key, static_cast<uint32_t>(*id));
  };
  writer.AddString("tokenizer.ggml.model", "gpt2");
  if (!model.config().architecture->implies_llama3_words || tokenizer.pre != PreTokenizer::kLlama3) {
    writer.AddString("tokenizer.ggml.pre", GgufPreTokenizerName(tokenizer.pre));
  }
  writer.AddStringArray("tokenizer.ggml.tokens", tokenizer.tokens);
  // Byte-level BPE has ranks, not scores; readers of the official file find this array there.
  writer.AddF32Array("tokenizer.ggml.scores", std::vector<float>(tokenizer.tokens.size(), 0.0f));
  writer.AddI32Array("tokenizer.ggml.token_type", tokenizer.token_types);
  writer.AddStringArray("tokenizer.ggml.merges", tokenizer.merges);
  add_id("tokenizer.ggml.bos_token_id", tokenizer.bos);
  add_id("tokenizer.ggml.eos_token_id", tokenizer.eos);
  add_id("tokenizer.ggml.eot_token_id", tokenizer.eot);
  add_id("tokenizer.ggml.padding_token_id", tokenizer.pad);
  if (!tokenizer.chat_template.empty()) writer.AddString("tokenizer.chat_template", tokenizer.chat_template);
}

}  // namespace

void AddHfMetadata(const HfModel& model, GgufWriter& writer, absl::FunctionRef<void()> add_format_keys) {
  const HfConfig& config = model.config();
  const std::string_view architecture = config.architecture->name;
  const auto key = [&](std::string_view name) { return absl::StrCat(architecture, ".", name); };
  const auto add = [&](std::string_view name, uint64_t value) {
    writer.AddU32(key(name), static_cast<uint32_t>(value));
  };
  writer.AddString("general.architecture", architecture);
  writer.AddString("general.name", model.name());
  add("vocab_size", config.vocab);
  add("context_length", config.context);
  add("embedding_length", config.hidden);
  add("block_count", config.layers);
  add("feed_forward_length", config.ffn);
  add("rope.dimension_count", config.head_dim);
  add("attention.head_count", config.heads);
  add("attention.head_count_kv", config.kv_heads);
  if (config.q_dim() != config.hidden) {
    add("attention.key_length", config.head_dim);
    add("attention.value_length", config.head_dim);
  }
  writer.AddBool("tokenizer.ggml.add_bos_token", model.tokenizer().add_bos);
  writer.AddF32(key("attention.layer_norm_rms_epsilon"), config.rms_eps);
  writer.AddF32(key("rope.freq_base"), config.rope_theta);
  add_format_keys();
  AddTokenizer(model, writer);
  writer.AddU32("general.quantization_version", kQuantizationVersion);
}

}  // namespace bitnet
