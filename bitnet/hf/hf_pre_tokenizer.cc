#include "bitnet/hf/hf_pre_tokenizer.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

struct Pattern {
  std::string_view regex;
  PreTokenizer pre;
};
// As published; see bitnet/tokenizer/pre_tokenizer.h. GPT-2's is spelt in two ways that match alike.
constexpr Pattern kPatterns[] = {
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     PreTokenizer::kLlama3},
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", PreTokenizer::kGpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", PreTokenizer::kGpt2},
};

// A Sequence's parts, or the one part that is no sequence.
absl::StatusOr<std::vector<JsonObject>> Parts(const JsonObject& object, std::string_view list) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view type, object.String("type"));
  if (type != "Sequence") return std::vector<JsonObject>{object};
  BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array array, object.Array(list));
  std::vector<JsonObject> parts;
  for (const simdjson::dom::element element : array) {
    BITNET_ASSIGN_OR_RETURN(JsonObject part,
                            JsonObject::From(element, object.Name(absl::StrCat(list, "[", parts.size(), "]."))));
    parts.push_back(std::move(part));
  }
  return parts;
}

// For a message: the first few kinds of parts.
std::string Listed(const std::vector<std::string_view>& types) {
  constexpr size_t kShown = 8;
  std::string text = types.empty() ? "nothing" : "";
  for (size_t i = 0; i < std::min(types.size(), kShown); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", absl::CHexEscape(types[i].substr(0, 32)));
  }
  if (types.size() > kShown) absl::StrAppend(&text, " and ", types.size() - kShown, " more");
  return text;
}

absl::StatusOr<PreTokenizer> ReadSplit(const JsonObject& split) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view behavior, split.String("behavior"));
  BITNET_ASSIGN_OR_RETURN(const bool inverted, split.BoolOr("invert", false));
  if (behavior != "Isolated" || inverted) {
    return absl::UnimplementedError(absl::StrCat(split.Name("behavior"), ": expected \"Isolated\", not inverted, got ",
                                                 QuotedText(behavior), inverted ? ", inverted" : ""));
  }
  BITNET_ASSIGN_OR_RETURN(const JsonObject pattern, split.Object("pattern"));
  BITNET_ASSIGN_OR_RETURN(const std::string_view regex, pattern.String("Regex"));
  for (const Pattern& known : kPatterns) {
    if (regex == known.regex) return known.pre;
  }
  // Longer than QuotedText's: the pattern is what tells which tokenizer this is.
  return absl::UnimplementedError(
      absl::StrCat(pattern.Name("Regex"), ": expected the pattern of Llama 3 or GPT-2, got \"",
                   absl::CHexEscape(regex.substr(0, 256)), regex.size() > 256 ? "...\"" : "\""));
}

// Whether it cuts words by its own pattern, which is GPT-2's.
absl::StatusOr<bool> ReadByteLevel(const JsonObject& part) {
  BITNET_ASSIGN_OR_RETURN(const bool space, part.BoolOr("add_prefix_space", true));
  if (space) {
    return absl::UnimplementedError(
        absl::StrCat(part.Name("add_prefix_space"), ": a space before every text is not implemented, got true"));
  }
  return part.BoolOr("use_regex", true);
}

absl::Status AddTokensBefore(const JsonObject& part, std::vector<std::string>* tokens) {
  BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array single, part.Array("single"));
  bool text_seen = false;
  for (const simdjson::dom::element element : single) {
    BITNET_ASSIGN_OR_RETURN(const JsonObject item, JsonObject::From(element, part.Name("single: ")));
    if (!item.Has("SpecialToken")) {
      BITNET_RETURN_IF_ERROR(item.Object("Sequence").status());
      text_seen = true;
      continue;
    }
    BITNET_ASSIGN_OR_RETURN(const JsonObject special, item.Object("SpecialToken"));
    BITNET_ASSIGN_OR_RETURN(const std::string_view id, special.String("id"));
    if (text_seen) {
      return absl::UnimplementedError(
          absl::StrCat(part.Name("single"), ": a token after the text is not implemented, got ", QuotedText(id)));
    }
    tokens->emplace_back(id);
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view GgufPreTokenizerName(PreTokenizer pre) { return pre == PreTokenizer::kLlama3 ? "llama-bpe" : "gpt-2"; }

absl::StatusOr<PreTokenizer> ReadHfPreTokenizer(const JsonObject& tokenizer) {
  BITNET_ASSIGN_OR_RETURN(const JsonObject object, tokenizer.Object("pre_tokenizer"));
  BITNET_ASSIGN_OR_RETURN(const std::vector<JsonObject> parts, Parts(object, "pretokenizers"));
  std::vector<std::string_view> types;
  for (const JsonObject& part : parts) {
    BITNET_ASSIGN_OR_RETURN(const std::string_view type, part.String("type"));
    types.push_back(type);
  }
  std::optional<PreTokenizer> pre;
  if (types.size() == 2 && types[0] == "Split" && types[1] == "ByteLevel") {
    BITNET_ASSIGN_OR_RETURN(pre, ReadSplit(parts[0]));
  } else if (types.size() != 1 || types[0] != "ByteLevel") {
    return absl::UnimplementedError(absl::StrCat(tokenizer.Name("pre_tokenizer"),
                                                 ": expected ByteLevel, or Split and ByteLevel, got ", Listed(types)));
  }
  BITNET_ASSIGN_OR_RETURN(const bool own_pattern, ReadByteLevel(parts.back()));
  if (own_pattern != pre.has_value()) return pre.value_or(PreTokenizer::kGpt2);
  return absl::UnimplementedError(
      absl::StrCat(parts.back().Name("use_regex"),
                   pre ? ": expected false, since a Split comes before it, got true" : ": expected true, got false"));
}

absl::StatusOr<std::vector<std::string>> ReadHfTokensBefore(const JsonObject& tokenizer) {
  std::vector<std::string> tokens;
  if (!tokenizer.Has("post_processor")) return tokens;
  BITNET_ASSIGN_OR_RETURN(const JsonObject object, tokenizer.Object("post_processor"));
  BITNET_ASSIGN_OR_RETURN(const std::vector<JsonObject> parts, Parts(object, "processors"));
  for (const JsonObject& part : parts) {
    BITNET_ASSIGN_OR_RETURN(const std::string_view type, part.String("type"));
    if (type == "TemplateProcessing") {
      BITNET_RETURN_IF_ERROR(AddTokensBefore(part, &tokens));
    } else if (type != "ByteLevel") {
      return absl::UnimplementedError(absl::StrCat(
          part.Name("type"), ": expected \"TemplateProcessing\" or \"ByteLevel\", got ", QuotedText(type)));
    }
  }
  return tokens;
}

}  // namespace bitnet
