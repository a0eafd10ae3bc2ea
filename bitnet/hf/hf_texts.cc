#include "bitnet/hf/hf_texts.h"

#include <algorithm>
#include <utility>

#include "absl/log/check.h"

namespace bitnet {
namespace {

JsonValue Text(std::string_view text) { return JsonValue::String(std::string(text)); }

JsonValue Merge(std::string_view merge, bool as_pair) {
  if (!as_pair) return Text(merge);
  const size_t space = merge.find(' ');
  return JsonValue::MakeArray({Text(merge.substr(0, space)), Text(merge.substr(space + 1))});
}

JsonValue PreTokenizerJson(PreTokenizer pre) {
  JsonValue byte_level = JsonValue::MakeObject({{"type", Text("ByteLevel")},
                                                {"add_prefix_space", JsonValue::Bool(false)},
                                                {"trim_offsets", JsonValue::Bool(true)},
                                                {"use_regex", JsonValue::Bool(pre == PreTokenizer::kGpt2)}});
  if (pre == PreTokenizer::kGpt2) return byte_level;
  JsonValue split = JsonValue::MakeObject({{"type", Text("Split")},
                                           {"pattern", JsonValue::MakeObject({{"Regex", Text(kLlama3Regex)}})},
                                           {"behavior", Text("Isolated")},
                                           {"invert", JsonValue::Bool(false)}});
  return JsonValue::MakeObject(
      {{"type", Text("Sequence")}, {"pretokenizers", JsonValue::MakeArray({std::move(split), std::move(byte_level)})}});
}

JsonValue TemplateJson(std::string_view bos) {
  const auto item = [](std::string_view kind, std::string_view id) {
    return JsonValue::MakeObject(
        {{std::string(kind), JsonValue::MakeObject({{"id", Text(id)}, {"type_id", JsonValue::Uint(0)}})}});
  };
  JsonValue byte_level =
      JsonValue::MakeObject({{"type", Text("ByteLevel")}, {"add_prefix_space", JsonValue::Bool(true)}});
  JsonValue processing =
      JsonValue::MakeObject({{"type", Text("TemplateProcessing")},
                             {"single", JsonValue::MakeArray({item("SpecialToken", bos), item("Sequence", "A")})}});
  return JsonValue::MakeObject({{"type", Text("Sequence")},
                                {"processors", JsonValue::MakeArray({std::move(byte_level), std::move(processing)})}});
}

}  // namespace

JsonValue MakeHfConfig(const HfConfigText& text) {
  JsonValue::Object config = {
      {"architectures", JsonValue::MakeArray({Text(text.class_name)})},
      {"bos_token_id", JsonValue::Uint(text.bos)},
      {"eos_token_id", JsonValue::Uint(text.eos)},
      {"pad_token_id", JsonValue::Uint(text.pad)},
      {"hidden_act", Text(text.hidden_act)},
      {"hidden_size", JsonValue::Uint(text.hidden)},
      {"initializer_range", JsonValue::Double(0.02)},
      {"intermediate_size", JsonValue::Uint(text.ffn)},
      {"max_position_embeddings", JsonValue::Uint(text.context)},
      {"model_type", Text(text.model_type)},
      {"num_attention_heads", JsonValue::Uint(text.heads)},
      {"num_hidden_layers", JsonValue::Uint(text.layers)},
      {"num_key_value_heads", JsonValue::Uint(text.kv_heads)},
      {"rms_norm_eps", JsonValue::Double(text.rms_eps)},
      {"rope_theta", JsonValue::Double(text.rope_theta)},
      {"tie_word_embeddings", JsonValue::Bool(text.tied)},
      {"torch_dtype", Text("bfloat16")},
      {"use_cache", JsonValue::Bool(true)},
      {"vocab_size", JsonValue::Uint(text.vocab)},
  };
  if (!text.mode.empty()) {
    JsonValue::Object quantization = {{"quant_method", Text("bitnet")},
                                      {"modules_to_not_convert", JsonValue()},
                                      {"quantization_mode", Text(text.mode)}};
    if (!text.linear_class.empty()) quantization.push_back({"linear_class", Text(text.linear_class)});
    config.push_back({"quantization_config", JsonValue::MakeObject(std::move(quantization))});
  }
  return JsonValue::MakeObject(std::move(config));
}

JsonValue MakeHfTokenizer(const TokenizerData& data, const HfTokenizerText& text) {
  JsonValue::Object vocab;
  JsonValue::Array added, merges;
  for (size_t id = 0; id < data.tokens.size(); ++id) {
    const int32_t type = data.token_types[id];
    if (type == 5) continue;
    const bool is_added = type == 3 || type == 4;
    if (is_added) {
      added.push_back(JsonValue::MakeObject({{"id", JsonValue::Uint(id)},
                                             {"content", Text(data.tokens[id])},
                                             {"single_word", JsonValue::Bool(false)},
                                             {"lstrip", JsonValue::Bool(false)},
                                             {"rstrip", JsonValue::Bool(false)},
                                             {"normalized", JsonValue::Bool(false)},
                                             {"special", JsonValue::Bool(type == 3)}}));
    }
    if (!is_added || text.added_in_vocab) vocab.push_back({std::string(data.tokens[id]), JsonValue::Uint(id)});
  }
  for (const std::string_view merge : data.merges) merges.push_back(Merge(merge, text.merges_as_pairs));
  JsonValue model = JsonValue::MakeObject({{"type", Text("BPE")},
                                           {"dropout", JsonValue()},
                                           {"unk_token", JsonValue()},
                                           {"continuing_subword_prefix", JsonValue()},
                                           {"end_of_word_suffix", JsonValue()},
                                           {"fuse_unk", JsonValue::Bool(false)},
                                           {"byte_fallback", JsonValue::Bool(false)},
                                           {"ignore_merges", JsonValue::Bool(data.pre == PreTokenizer::kLlama3)},
                                           {"vocab", JsonValue::MakeObject(std::move(vocab))},
                                           {"merges", JsonValue::MakeArray(std::move(merges))}});
  JsonValue::Object root = {{"version", Text("1.0")},
                            {"truncation", JsonValue()},
                            {"padding", JsonValue()},
                            {"added_tokens", JsonValue::MakeArray(std::move(added))},
                            {"normalizer", JsonValue()},
                            {"pre_tokenizer", PreTokenizerJson(data.pre)},
                            {"decoder", JsonValue::MakeObject({{"type", Text("ByteLevel")}})},
                            {"model", std::move(model)}};
  if (data.add_bos) root.push_back({"post_processor", TemplateJson(data.tokens[*data.bos])});
  return JsonValue::MakeObject(std::move(root));
}

JsonValue& Member(JsonValue& root, std::string_view path) {
  JsonValue* const found = root.AtPath(path);
  CHECK(found != nullptr) << path;
  return *found;
}

void SetMember(JsonValue& object, std::string_view name, JsonValue value) {
  if (JsonValue* const found = object.Find(name); found != nullptr) {
    *found = std::move(value);
  } else {
    object.object().push_back({std::string(name), std::move(value)});
  }
}

void RemoveMember(JsonValue& object, std::string_view name) {
  std::erase_if(object.object(), [&](const JsonMember& member) { return member.name == name; });
}

}  // namespace bitnet
