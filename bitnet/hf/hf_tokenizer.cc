#include "bitnet/hf/hf_tokenizer.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/hf/hf_json.h"
#include "bitnet/hf/hf_pre_tokenizer.h"
#include "bitnet/hf/hf_vocabulary.h"
#include "bitnet/json/json_document.h"
#include "bitnet/json/json_object.h"
#include "bitnet/tokenizer/utf8.h"

namespace bitnet {
namespace {

// The largest published tokenizer.json has 34 MB; tokenizer_config.json repeats its added tokens and has templates.
constexpr JsonLimits kTokenizerLimits = {.max_bytes = uint64_t{256} << 20, .max_depth = 32};
constexpr JsonLimits kSmallLimits = {.max_bytes = uint64_t{16} << 20, .max_depth = 32};

// The longest published templates have some 20 KB.
constexpr size_t kMaxChatTemplate = 1 << 20;

// Parsed files; an absent one is an empty object.
class SideFile {
 public:
  static absl::StatusOr<SideFile> Parse(std::string_view text, std::string_view what) {
    BITNET_ASSIGN_OR_RETURN(JsonDocument document, JsonDocument::Parse(text.empty() ? "{}" : text, what, kSmallLimits));
    BITNET_ASSIGN_OR_RETURN(JsonObject root, JsonObject::FromRoot(document));
    return SideFile(std::move(document), std::move(root));
  }
  const JsonObject& root() const { return root_; }

  // A token given by its text, or by an object with its text in "content"; empty when absent.
  absl::StatusOr<std::string_view> TokenText(std::string_view key) const {
    const std::optional<simdjson::dom::element> element = root_.Find(key);
    if (!element.has_value()) return "";
    if (!element->is_object()) return root_.String(key);
    BITNET_ASSIGN_OR_RETURN(const JsonObject object, root_.Object(key));
    return object.String("content");
  }

 private:
  SideFile(JsonDocument document, JsonObject root) : document_(std::move(document)), root_(std::move(root)) {}
  JsonDocument document_;
  JsonObject root_;
};

class TokenizerReader {
 public:
  TokenizerReader(const HfConfig& config, SideFile tokenizer_config, SideFile generation, SideFile map)
      : config_(config),
        tokenizer_config_(std::move(tokenizer_config)),
        generation_(std::move(generation)),
        map_(std::move(map)) {}

  absl::StatusOr<HfTokenizer> Read(const JsonObject& root, std::string_view chat_template) {
    BITNET_RETURN_IF_ERROR(CheckNormalizer(root));
    BITNET_ASSIGN_OR_RETURN(out_.pre, ReadHfPreTokenizer(root));
    BITNET_RETURN_IF_ERROR(ReadHfVocabulary(root, config_.vocab, &out_, &added_));
    BITNET_RETURN_IF_ERROR(CheckWholeWords(root));
    BITNET_RETURN_IF_ERROR(FindIds());
    BITNET_RETURN_IF_ERROR(FindAddBos(root));
    BITNET_RETURN_IF_ERROR(FindEot());
    BITNET_RETURN_IF_ERROR(FindChatTemplate(chat_template));
    return std::move(out_);
  }

 private:
  // A GGUF file has no key for a normalizer and byte-level BPE takes bytes as they come. NFC leaves most text as it is;
  // any other normalizer changes what users write every day.
  absl::Status CheckNormalizer(const JsonObject& root) {
    if (!root.Has("normalizer")) return absl::OkStatus();
    BITNET_ASSIGN_OR_RETURN(const JsonObject normalizer, root.Object("normalizer"));
    BITNET_ASSIGN_OR_RETURN(const std::string_view type, normalizer.String("type"));
    if (type != "NFC") {
      return absl::UnimplementedError(
          absl::StrCat(root.Name("normalizer"), ": byte-level BPE of GGUF files has none, expected NFC or none, got ",
                       QuotedText(type)));
    }
    out_.notes.push_back(
        "tokenizer.json normalises text to NFC, which a GGUF file cannot say and this engine does not do: text that is "
        "not in NFC already (letters followed by combining marks) gives other tokens");
    return absl::OkStatus();
  }

  // With ignore_merges a word that is a token is taken whole. Readers of GGUF files do so for Llama-3, never for GPT-2.
  absl::Status CheckWholeWords(const JsonObject& root) {
    BITNET_ASSIGN_OR_RETURN(const JsonObject model, root.Object("model"));
    BITNET_ASSIGN_OR_RETURN(const bool whole, model.BoolOr("ignore_merges", false));
    if (whole && out_.pre == PreTokenizer::kGpt2) {
      return absl::UnimplementedError(
          absl::StrCat(model.Name("ignore_merges"), ": with the pre-tokenizer of GPT-2 expected false, got true"));
    }
    if (!whole && out_.pre == PreTokenizer::kLlama3) {
      out_.notes.push_back(
          "tokenizer.json has ignore_merges false, readers of GGUF files take it as true for Llama-3 words: tokens "
          "that no merge reaches would come out here and not there");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<TokenId>> IdOf(std::string_view text, std::string_view where) {
    if (text.empty()) return std::nullopt;
    if (const auto found = added_.find(text); found != added_.end()) return found->second;
    const auto token = std::find(out_.tokens.begin(), out_.tokens.end(), text);
    if (token != out_.tokens.end()) return static_cast<TokenId>(token - out_.tokens.begin());
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": expected a token of tokenizer.json, got ", QuotedText(text)));
  }

  // Ids of one role in order of trust, without repeats.
  absl::StatusOr<std::vector<TokenId>> IdsOf(std::string_view role, const std::vector<uint64_t>& from_config) {
    std::vector<uint64_t> ids = from_config;
    const std::string id_key = absl::StrCat(role, "_token_id");
    const std::string text_key = absl::StrCat(role, "_token");
    BITNET_ASSIGN_OR_RETURN(const std::vector<uint64_t> more, ReadTokenIds(generation_.root(), id_key));
    ids.insert(ids.end(), more.begin(), more.end());
    for (const SideFile* file : {&tokenizer_config_, &map_}) {
      BITNET_ASSIGN_OR_RETURN(const std::string_view text, file->TokenText(text_key));
      BITNET_ASSIGN_OR_RETURN(const std::optional<TokenId> id, IdOf(text, file->root().Name(text_key)));
      if (id.has_value()) ids.push_back(static_cast<uint64_t>(*id));
    }
    std::vector<TokenId> unique;
    for (const uint64_t id : ids) {
      if (id >= config_.vocab) {
        return absl::InvalidArgumentError(absl::StrCat("config.json or generation_config.json: ", id_key,
                                                       ": expected an id below ", config_.vocab, ", got ", id));
      }
      const TokenId token = static_cast<TokenId>(id);
      if (std::find(unique.begin(), unique.end(), token) == unique.end()) unique.push_back(token);
    }
    return unique;
  }

  absl::Status FindIds() {
    BITNET_ASSIGN_OR_RETURN(const std::vector<TokenId> bos,
                            IdsOf("bos", config_.bos ? std::vector<uint64_t>{*config_.bos} : std::vector<uint64_t>{}));
    BITNET_ASSIGN_OR_RETURN(const std::vector<TokenId> pad,
                            IdsOf("pad", config_.pad ? std::vector<uint64_t>{*config_.pad} : std::vector<uint64_t>{}));
    BITNET_ASSIGN_OR_RETURN(ends_, IdsOf("eos", config_.eos));
    if (!bos.empty()) out_.bos = bos[0];
    if (!pad.empty()) out_.pad = pad[0];
    if (!ends_.empty()) out_.eos = ends_[0];
    return absl::OkStatus();
  }

  absl::Status FindAddBos(const JsonObject& root) {
    BITNET_ASSIGN_OR_RETURN(const std::vector<std::string> before, ReadHfTokensBefore(root));
    const bool only_bos = before.size() == 1 && out_.bos.has_value() && out_.tokens[*out_.bos] == before[0];
    if (!before.empty() && !only_bos) {
      return absl::UnimplementedError(absl::StrCat(
          root.Name("post_processor"), ": expected at most the bos token before a text, got ",
          QuotedText(absl::StrJoin(before, " ")),
          out_.bos ? absl::StrCat("; bos is ", QuotedText(out_.tokens[*out_.bos])) : "; no file names a bos token"));
    }
    out_.add_bos = only_bos;
    const JsonObject& side = tokenizer_config_.root();
    BITNET_ASSIGN_OR_RETURN(const bool add_eos, side.BoolOr("add_eos_token", false));
    if (add_eos) {
      return absl::UnimplementedError(
          absl::StrCat(side.Name("add_eos_token"), ": a token after the text is not implemented, got true"));
    }
    BITNET_ASSIGN_OR_RETURN(const std::string_view type, side.StringOr("tokenizer_class", ""));
    const bool from_flag = absl::StartsWith(type, "LlamaTokenizer");
    const bool given = side.Has("add_bos_token");
    if (!given && !from_flag) return absl::OkStatus();
    BITNET_ASSIGN_OR_RETURN(const bool flag, side.BoolOr("add_bos_token", true));
    if (flag == out_.add_bos) return absl::OkStatus();
    const std::string says = absl::StrCat(
        "add_bos_token of tokenizer_config.json ",
        given ? (flag ? "is true" : "is false") : absl::StrCat("is absent, which means true for ", QuotedText(type)));
    if (!from_flag && root.Has("post_processor")) {
      out_.notes.push_back(
          absl::StrCat(says, ", but the post_processor of tokenizer.json says otherwise and is what runs"));
      return absl::OkStatus();
    }
    if (flag && !out_.bos.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(says, ": expected false, in tokenizer_config.json, where no file names a bos token"));
    }
    if (from_flag && root.Has("post_processor")) {
      out_.notes.push_back(absl::StrCat(says, " and is what runs, since ", QuotedText(type),
                                        " makes its post_processor from it; that of tokenizer.json says otherwise"));
    }
    out_.add_bos = flag;
    return absl::OkStatus();
  }

  // Makes the tokenizer, which is the check of everything read so far.
  absl::Status FindEot() {
    const absl::StatusOr<Tokenizer> tokenizer = Tokenizer::Create(out_.Data());
    if (!tokenizer.ok()) {
      return absl::Status(tokenizer.status().code(), absl::StrCat("tokenizer.json: ", tokenizer.status().message()));
    }
    for (const TokenId id : ends_) {
      if (tokenizer->IsEndOfGeneration(id)) continue;
      if (!out_.eot.has_value()) {
        out_.eot = id;
      } else {
        out_.notes.push_back(absl::StrCat("token ", id, " ", QuotedText(out_.tokens[id]),
                                          " ends a generation too, but a GGUF file has no key for a third"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status FindChatTemplate(std::string_view file) {
    if (file.size() > kMaxChatTemplate || !IsUtf8(file)) {
      return absl::InvalidArgumentError(absl::StrCat("chat_template.jinja: expected at most ", kMaxChatTemplate,
                                                     " bytes of UTF-8, got ", file.size(), " bytes",
                                                     IsUtf8(file) ? "" : " that are no UTF-8"));
    }
    out_.chat_template = file;
    const std::optional<simdjson::dom::element> element = tokenizer_config_.root().Find("chat_template");
    if (!file.empty() || !element.has_value()) return absl::OkStatus();
    if (!element->is_array()) {
      BITNET_ASSIGN_OR_RETURN(out_.chat_template, tokenizer_config_.root().String("chat_template"));
      return absl::OkStatus();
    }
    BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array list, tokenizer_config_.root().Array("chat_template"));
    for (const simdjson::dom::element item : list) {
      BITNET_ASSIGN_OR_RETURN(const JsonObject object,
                              JsonObject::From(item, tokenizer_config_.root().Name("chat_template: ")));
      BITNET_ASSIGN_OR_RETURN(const std::string_view name, object.String("name"));
      if (name != "default") continue;
      BITNET_ASSIGN_OR_RETURN(out_.chat_template, object.String("template"));
      return absl::OkStatus();
    }
    out_.notes.push_back(absl::StrCat("tokenizer_config.json has ", list.size(),
                                      " chat templates, none of them named \"default\": the GGUF file has none"));
    return absl::OkStatus();
  }

  const HfConfig& config_;
  SideFile tokenizer_config_, generation_, map_;
  HfTokenizer out_;
  HfAddedTokens added_;
  std::vector<TokenId> ends_;
};

}  // namespace

TokenizerData HfTokenizer::Data() const {
  TokenizerData data;
  data.tokens.assign(tokens.begin(), tokens.end());
  data.token_types = token_types;
  data.merges.assign(merges.begin(), merges.end());
  data.pre = pre;
  data.bos = bos;
  data.eos = eos;
  data.eot = eot;
  data.add_bos = add_bos;
  return data;
}

absl::StatusOr<HfTokenizer> ReadHfTokenizer(const HfTokenizerFiles& files, const HfConfig& config) {
  BITNET_ASSIGN_OR_RETURN(const JsonDocument document,
                          JsonDocument::Parse(files.tokenizer, "tokenizer.json", kTokenizerLimits));
  BITNET_ASSIGN_OR_RETURN(const JsonObject root, JsonObject::FromRoot(document));
  BITNET_ASSIGN_OR_RETURN(SideFile tokenizer_config, SideFile::Parse(files.tokenizer_config, "tokenizer_config.json"));
  BITNET_ASSIGN_OR_RETURN(SideFile generation, SideFile::Parse(files.generation_config, "generation_config.json"));
  BITNET_ASSIGN_OR_RETURN(SideFile map, SideFile::Parse(files.special_tokens_map, "special_tokens_map.json"));
  return TokenizerReader(config, std::move(tokenizer_config), std::move(generation), std::move(map))
      .Read(root, files.chat_template);
}

}  // namespace bitnet
