#include "bitnet/hf/hf_cases.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/hf/hf_config.h"
#include "bitnet/hf/hf_texts.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/tokenizer/byte_level_vocabulary.h"

namespace bitnet {
namespace {

// The texts before they are joined.
struct Parts {
  Parts() {
    ByteLevelVocabulary vocabulary(PreTokenizer::kLlama3);
    for (int32_t& type : vocabulary.types) type = type == 2 ? 3 : type;
    vocabulary.types[vocabulary.Id("two words")] = 4;
    const TokenizerData data = vocabulary.Data();
    HfConfigText text;
    text.vocab = data.tokens.size();
    text.bos = static_cast<uint64_t>(*data.bos);
    text.eos = static_cast<uint64_t>(*data.eos);
    text.pad = text.eos;
    config = MakeHfConfig(text);
    tokenizer = MakeHfTokenizer(data, {});
  }
  std::string Joined() const {
    return absl::StrJoin(
        {CanonicalJson(config), CanonicalJson(tokenizer), tokenizer_config, generation_config, map, chat_template},
        std::string(1, '\0'));
  }
  JsonValue config, tokenizer;
  std::string tokenizer_config = R"({"bos_token":"<|begin_of_text|>","chat_template":"{{ messages }}"})";
  std::string generation_config = R"({"eos_token_id":[0,1]})";
  std::string map = R"({"pad_token":{"content":"<tool>"}})";
  std::string chat_template;
};

}  // namespace

std::vector<std::string_view> SplitHfTexts(std::string_view joined) {
  std::vector<std::string_view> texts = absl::StrSplit(joined, absl::MaxSplits('\0', kHfTexts - 1));
  texts.resize(kHfTexts);
  return texts;
}

absl::StatusOr<HfTokenizer> ReadHfTexts(std::string_view joined) {
  const std::vector<std::string_view> texts = SplitHfTexts(joined);
  BITNET_ASSIGN_OR_RETURN(const HfConfig config, ParseHfConfig(texts[0]));
  return ReadHfTokenizer({.tokenizer = texts[1],
                          .tokenizer_config = texts[2],
                          .generation_config = texts[3],
                          .special_tokens_map = texts[4],
                          .chat_template = texts[5]},
                         config);
}

std::vector<HfCase> HfCases() {
  std::vector<HfCase> cases;
  const auto add = [&](std::string_view name, std::string_view error, const std::function<void(Parts&)>& edit) {
    Parts parts;
    edit(parts);
    cases.push_back({std::string(name), std::string(error), parts.Joined()});
  };
  const auto text = [](std::string_view value) { return JsonValue::String(std::string(value)); };
  add("valid", "", [](Parts&) {});
  add("valid_merges_as_pairs", "", [](Parts& p) {
    for (JsonValue& merge : Member(p.tokenizer, "/model/merges").array()) {
      const std::vector<std::string> pair = absl::StrSplit(merge.string(), ' ');
      merge = JsonValue::MakeArray({JsonValue::String(pair[0]), JsonValue::String(pair[1])});
    }
  });
  add("valid_padded", "", [](Parts& p) { SetMember(p.config, "vocab_size", JsonValue::Uint(400)); });
  add("valid_own_template", "", [](Parts& p) { p.chat_template = "{{ bos_token }}"; });
  add("valid_gpt2", "", [&](Parts& p) {
    SetMember(p.tokenizer, "pre_tokenizer",
              JsonValue::MakeObject({{"type", text("ByteLevel")}, {"add_prefix_space", JsonValue::Bool(false)}}));
    RemoveMember(Member(p.tokenizer, "/model"), "ignore_merges");
  });
  add("vocab_size_huge", "vocab: expected about 16777216 tokens",
      [](Parts& p) { SetMember(p.config, "vocab_size", JsonValue::Uint(1 << 24)); });
  add("vocab_size_small", "expected an id below 100",
      [](Parts& p) { SetMember(p.config, "vocab_size", JsonValue::Uint(100)); });
  add("id_twice", "is taken by",
      [](Parts& p) { SetMember(Member(p.tokenizer, "/model/vocab"), "world", JsonValue::Uint(7)); });
  add("byte_missing", "tokenizer.json: ", [](Parts& p) { RemoveMember(Member(p.tokenizer, "/model/vocab"), "a"); });
  add("merge_of_nothing",
      "tokenizer.json: ", [&](Parts& p) { Member(p.tokenizer, "/model/merges").array().push_back(text("a zzz")); });
  add("merge_without_space",
      "tokenizer.json: ", [&](Parts& p) { Member(p.tokenizer, "/model/merges").array().push_back(text("he")); });
  add("merge_number", "expected \"left right\"",
      [](Parts& p) { Member(p.tokenizer, "/model/merges").array().push_back(JsonValue::Uint(5)); });
  add("vocab_list", "model.vocab: expected an object, got an array",
      [](Parts& p) { SetMember(Member(p.tokenizer, "/model"), "vocab", JsonValue::MakeArray({})); });
  add("unigram", "expected \"BPE\", got \"Unigram\"",
      [&](Parts& p) { SetMember(Member(p.tokenizer, "/model"), "type", text("Unigram")); });
  add("valid_nfc", "", [&](Parts& p) {
    SetMember(p.tokenizer, "normalizer", JsonValue::MakeObject({{"type", text("NFC")}}));
  });
  add("normalizer", "got \"NFKC\"", [&](Parts& p) {
    SetMember(p.tokenizer, "normalizer", JsonValue::MakeObject({{"type", text("NFKC")}}));
  });
  add("template_not_utf8", "chat_template.jinja: expected at most", [](Parts& p) { p.chat_template = "\xff"; });
  add("pattern", "expected the pattern of Llama 3 or GPT-2", [&](Parts& p) {
    SetMember(Member(p.tokenizer, "/pre_tokenizer/pretokenizers/0/pattern"), "Regex", text(R"(\w+)"));
  });
  add("pattern_string", "pattern.Regex: expected a text, but the member is missing", [&](Parts& p) {
    SetMember(Member(p.tokenizer, "/pre_tokenizer/pretokenizers/0"), "pattern",
              JsonValue::MakeObject({{"String", text(" ")}}));
  });
  add("sequence_in_sequence", "got Sequence", [](Parts& p) {
    JsonValue inner = Member(p.tokenizer, "/pre_tokenizer");
    Member(p.tokenizer, "/pre_tokenizer/pretokenizers").array() = {inner};
  });
  add("template_after", "a token after the text", [](Parts& p) {
    JsonValue::Array& single = Member(p.tokenizer, "/post_processor/processors/1/single").array();
    std::swap(single[0], single[1]);
  });
  add("eos_outside", "expected an id below", [](Parts& p) { p.generation_config = R"({"eos_token_id":99999999999})"; });
  add("bos_unknown", "expected a token of tokenizer.json",
      [](Parts& p) { p.tokenizer_config = R"({"bos_token":"<s>"})"; });
  add("side_no_json", "generation_config.json: not JSON", [](Parts& p) { p.generation_config = "eos"; });
  add("side_array", "special_tokens_map.json: expected an object", [](Parts& p) { p.map = "[]"; });
  add("no_tokenizer", "tokenizer.json: not JSON", [](Parts& p) { p.tokenizer = JsonValue(); });
  cases.back().error = "tokenizer.json: expected an object, got null";
  add("other_architecture", "is not one that can be converted",
      [&](Parts& p) { SetMember(p.config, "model_type", text("gemma3")); });
  add("rope_scaling", "only plain rope", [&](Parts& p) {
    SetMember(p.config, "rope_scaling",
              JsonValue::MakeObject({{"type", text("yarn")}, {"factor", JsonValue::Uint(4)}}));
  });
  add("hidden_huge", "hidden_size: expected 1 to",
      [](Parts& p) { SetMember(p.config, "hidden_size", JsonValue::Uint(UINT64_MAX)); });
  add("heads_huge", "num_attention_heads: expected 1 to",
      [](Parts& p) { SetMember(p.config, "num_attention_heads", JsonValue::Uint(1 << 20)); });
  cases.push_back({"name_twice", "occurs twice", R"({"model_type":"bitnet","model_type":"llama"})"});
  cases.push_back({"bomb", "nested at most 16 deep", absl::StrCat(std::string(500, '['), "1", std::string(500, ']'))});
  cases.push_back({"empty", "config.json: not JSON", ""});
  return cases;
}

}  // namespace bitnet
