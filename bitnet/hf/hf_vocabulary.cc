#include "bitnet/hf/hf_vocabulary.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

// As GGUF files number them.
constexpr int32_t kNormal = 1;
constexpr int32_t kControl = 3;
constexpr int32_t kUserDefined = 4;
constexpr int32_t kUnused = 5;

constexpr uint64_t kMaxMerges = 1 << 24;

// Settings of BPE that change what a text becomes, and the value that byte-level BPE has.
absl::Status CheckModel(const JsonObject& model) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view type, model.String("type"));
  if (type != "BPE") {
    return absl::UnimplementedError(absl::StrCat(model.Name("type"), ": expected \"BPE\", got ", QuotedText(type)));
  }
  for (const std::string_view key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    BITNET_ASSIGN_OR_RETURN(const std::string_view text, model.StringOr(key, ""));
    if (!text.empty()) {
      return absl::UnimplementedError(absl::StrCat(model.Name(key), ": expected none, got ", QuotedText(text)));
    }
  }
  BITNET_ASSIGN_OR_RETURN(const bool byte_fallback, model.BoolOr("byte_fallback", false));
  BITNET_ASSIGN_OR_RETURN(const double dropout, model.NumberOr("dropout", 0));
  if (byte_fallback || dropout != 0) {
    return absl::UnimplementedError(
        absl::StrCat(model.Name(byte_fallback ? "byte_fallback" : "dropout"), ": byte-level BPE has none, got ",
                     DescribeJson(*model.Find(byte_fallback ? "byte_fallback" : "dropout"))));
  }
  return absl::OkStatus();
}

class VocabularyReader {
 public:
  VocabularyReader(uint64_t vocab, HfTokenizer* out) : out_(*out), taken_(vocab) {
    out_.tokens.resize(vocab);
    out_.token_types.assign(vocab, kUnused);
  }

  absl::Status Put(std::string_view text, uint64_t id, int32_t type, std::string_view where) {
    if (id >= taken_.size()) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": token ", QuotedText(text), ": expected an id below ",
                                                     taken_.size(), " (vocab_size of config.json), got ", id));
    }
    if (taken_[id] && out_.tokens[id] != text) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": token ", QuotedText(text), ": id ", id, " is taken by ", QuotedText(out_.tokens[id])));
    }
    taken_[id] = true;
    out_.tokens[id] = text;
    out_.token_types[id] = type;
    return absl::OkStatus();
  }

  void FillHoles() {
    for (size_t id = 0; id < taken_.size(); ++id) {
      if (!taken_[id]) out_.tokens[id] = absl::StrCat("[PAD", id, "]");
    }
  }

 private:
  HfTokenizer& out_;
  std::vector<bool> taken_;
};

absl::Status ReadAdded(const JsonObject& root, VocabularyReader& reader, HfAddedTokens* added) {
  if (!root.Has("added_tokens")) return absl::OkStatus();
  BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array list, root.Array("added_tokens"));
  for (const simdjson::dom::element element : list) {
    BITNET_ASSIGN_OR_RETURN(const JsonObject token, JsonObject::From(element, root.Name("added_tokens: ")));
    BITNET_ASSIGN_OR_RETURN(const std::string_view text, token.String("content"));
    BITNET_ASSIGN_OR_RETURN(const uint64_t id, token.Uint("id"));
    BITNET_ASSIGN_OR_RETURN(const bool special, token.BoolOr("special", false));
    for (const std::string_view key : {"lstrip", "rstrip", "single_word"}) {
      BITNET_ASSIGN_OR_RETURN(const bool set, token.BoolOr(key, false));
      if (set) {
        return absl::UnimplementedError(
            absl::StrCat(token.Name(key), ": not implemented, got true for ", QuotedText(text)));
      }
    }
    BITNET_RETURN_IF_ERROR(reader.Put(text, id, special ? kControl : kUserDefined, root.Name("added_tokens")));
    const auto [place, is_new] = added->try_emplace(text, static_cast<TokenId>(id));
    if (!is_new) {
      return absl::InvalidArgumentError(absl::StrCat(root.Name("added_tokens"), ": token ", QuotedText(text),
                                                     " is given twice, with ids ", place->second, " and ", id));
    }
  }
  return absl::OkStatus();
}

// "a b" or ["a", "b"].
absl::StatusOr<std::string> ReadMerge(simdjson::dom::element element) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  simdjson::dom::array pair;
  std::string_view left, right;
  if (element.get(pair) == simdjson::SUCCESS && pair.size() == 2 && pair.at(0).get(left) == simdjson::SUCCESS &&
      pair.at(1).get(right) == simdjson::SUCCESS && left.find(' ') == std::string_view::npos &&
      right.find(' ') == std::string_view::npos) {
    return absl::StrCat(left, " ", right);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("expected \"left right\" or a list of two texts without spaces, got ", DescribeJson(element)));
}

}  // namespace

absl::Status ReadHfVocabulary(const JsonObject& root, uint64_t vocab, HfTokenizer* tokenizer, HfAddedTokens* added) {
  BITNET_ASSIGN_OR_RETURN(const JsonObject model, root.Object("model"));
  BITNET_RETURN_IF_ERROR(CheckModel(model));
  BITNET_ASSIGN_OR_RETURN(const JsonObject words, model.Object("vocab"));
  // Models pad the vocabulary by some hundred ids. More holes than tokens are a wrong number, which must not become
  // gigabytes of padding.
  uint64_t added_count = 0;
  if (root.Has("added_tokens")) {
    BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array list, root.Array("added_tokens"));
    added_count = list.size();
  }
  if (vocab / 2 > words.members().size() + added_count) {
    return absl::InvalidArgumentError(absl::StrCat(model.Name("vocab"), ": expected about ", vocab,
                                                   " tokens (vocab_size of config.json), got ", words.members().size(),
                                                   " and ", added_count, " added ones"));
  }
  VocabularyReader reader(vocab, tokenizer);
  for (const simdjson::dom::key_value_pair member : words.members()) {
    uint64_t id = 0;
    if (member.value.get(id) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError(absl::StrCat(model.Name("vocab"), ": token ", QuotedText(member.key),
                                                     ": expected an id, got ", DescribeJson(member.value)));
    }
    BITNET_RETURN_IF_ERROR(reader.Put(member.key, id, kNormal, model.Name("vocab")));
  }
  BITNET_RETURN_IF_ERROR(ReadAdded(root, reader, added));
  reader.FillHoles();
  BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array merges, model.Array("merges"));
  for (const simdjson::dom::element element : merges) {
    absl::StatusOr<std::string> merge = ReadMerge(element);
    if (!merge.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(model.Name("merges"), ": merge ", tokenizer->merges.size(), ": ", merge.status().message()));
    }
    if (tokenizer->merges.size() == kMaxMerges) {
      return absl::InvalidArgumentError(absl::StrCat(model.Name("merges"), ": expected at most ", kMaxMerges));
    }
    tokenizer->merges.push_back(*std::move(merge));
  }
  return absl::OkStatus();
}

}  // namespace bitnet
