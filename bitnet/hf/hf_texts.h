// The JSON files of a Hugging Face directory, written as the transformers library writes them. For tests.

#ifndef BITNET_HF_HF_TEXTS_H_
#define BITNET_HF_HF_TEXTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/receipt/json_value.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

inline constexpr std::string_view kLlama3Regex =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// What decides the shape of config.json.
struct HfConfigText {
  std::string_view model_type = "bitnet";
  std::string_view class_name = "BitNetForCausalLM";
  std::string_view hidden_act = "relu2";
  uint64_t hidden = 128, ffn = 256, layers = 1, heads = 1, kv_heads = 1, vocab = 512, context = 4096;
  double rms_eps = 1e-5, rope_theta = 500000.0;
  bool tied = true;
  std::string_view linear_class = "autobitlinear";  // empty: none given
  std::string_view mode = "offline";                // empty: no quantization_config
  uint64_t bos = 0, eos = 1, pad = 1;
};
JsonValue MakeHfConfig(const HfConfigText& text);

// tokenizer.json of byte-level BPE. Tokens of type 3 and 4 become added tokens; those of type 5 are left out.
struct HfTokenizerText {
  bool merges_as_pairs = false;
  bool added_in_vocab = false;  // added tokens stand in the vocabulary too
};
JsonValue MakeHfTokenizer(const TokenizerData& data, const HfTokenizerText& text);

// The member at a JSON pointer; it must be there.
JsonValue& Member(JsonValue& root, std::string_view path);
// Adds or replaces a member of an object.
void SetMember(JsonValue& object, std::string_view name, JsonValue value);
void RemoveMember(JsonValue& object, std::string_view name);

}  // namespace bitnet

#endif  // BITNET_HF_HF_TEXTS_H_
