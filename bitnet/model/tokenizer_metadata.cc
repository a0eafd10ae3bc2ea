#include "bitnet/model/tokenizer_metadata.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/catalog/architecture.h"

namespace bitnet {
namespace {

constexpr std::string_view kArchitecture = "general.architecture";
constexpr std::string_view kModel = "tokenizer.ggml.model";
constexpr std::string_view kPre = "tokenizer.ggml.pre";
constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
constexpr std::string_view kTokenType = "tokenizer.ggml.token_type";
constexpr std::string_view kMerges = "tokenizer.ggml.merges";
constexpr std::string_view kBos = "tokenizer.ggml.bos_token_id";
constexpr std::string_view kEos = "tokenizer.ggml.eos_token_id";
constexpr std::string_view kEot = "tokenizer.ggml.eot_token_id";
constexpr std::string_view kAddBos = "tokenizer.ggml.add_bos_token";

struct PreTokenizerName {
  std::string_view name;
  PreTokenizer pre;
};
// Names under which converters write the two patterns, as llama.cpp's vocabulary loader and its forks read them.
// falcon3 (Falcon3) and falcon_e (Falcon-E, in bitnet.cpp) are in the class of Llama-3 there: the same pattern, a word
// that is a token is that token whatever the merges say, and a begin token unless the file says otherwise. mpt and olmo
// are GPT-NeoX vocabularies, such as TriLM's; they and GPT-2's own share one pattern and have merges only.
constexpr PreTokenizerName kPreTokenizerNames[] = {
    {"llama-bpe", PreTokenizer::kLlama3}, {"llama3", PreTokenizer::kLlama3},   {"llama-v3", PreTokenizer::kLlama3},
    {"falcon3", PreTokenizer::kLlama3},   {"falcon_e", PreTokenizer::kLlama3}, {"gpt-2", PreTokenizer::kGpt2},
    {"phi-2", PreTokenizer::kGpt2},       {"mpt", PreTokenizer::kGpt2},        {"olmo", PreTokenizer::kGpt2},
};

std::string Quoted(std::string_view text) { return absl::StrCat("\"", absl::CHexEscape(text.substr(0, 64)), "\""); }

absl::StatusOr<PreTokenizer> ReadPreTokenizer(const GgufFile& file) {
  std::string_view name = "default";
  if (file.Find(kPre) != nullptr) {
    BITNET_ASSIGN_OR_RETURN(name, file.GetString(kPre));
  }
  if (name == "default") {
    BITNET_ASSIGN_OR_RETURN(const std::string_view architecture, file.GetString(kArchitecture));
    const Architecture* known = FindArchitecture(architecture);
    if (known != nullptr && known->implies_llama3_words) return PreTokenizer::kLlama3;
    return absl::FailedPreconditionError(
        absl::StrCat(kPre, " is missing or \"default\" and architecture ", Quoted(architecture),
                     " does not imply it; write the key into the file, e.g. \"llama-bpe\" or \"gpt-2\""));
  }
  for (const PreTokenizerName& known : kPreTokenizerNames) {
    if (name == known.name) return known.pre;
  }
  std::string names;
  for (const PreTokenizerName& known : kPreTokenizerNames) absl::StrAppend(&names, " ", known.name);
  return absl::UnimplementedError(absl::StrCat(kPre, " ", Quoted(name), " is not supported; supported:", names));
}

absl::StatusOr<std::optional<TokenId>> ReadId(const GgufFile& file, std::string_view key) {
  if (file.Find(key) == nullptr) return std::nullopt;
  BITNET_ASSIGN_OR_RETURN(const uint64_t id, file.GetU64(key));
  if (id > std::numeric_limits<TokenId>::max()) {
    return absl::InvalidArgumentError(absl::StrCat(key, " is ", id, "; expected a token id below 2^31"));
  }
  return static_cast<TokenId>(id);
}

// Collects small pieces, because a hash call for each of 400 000 strings costs more than the hashing.
class DigestWriter {
 public:
  void Bytes(const void* data, size_t size) {
    if (buffer_.size() + size > kBuffered) Drain();
    if (size > kBuffered) {
      hash_.Update(std::string_view(static_cast<const char*>(data), size));
    } else {
      buffer_.append(static_cast<const char*>(data), size);
    }
  }
  void U8(uint8_t value) { Bytes(&value, sizeof(value)); }
  void U64(uint64_t value) { Bytes(&value, sizeof(value)); }
  void Text(std::string_view text) {
    U64(text.size());
    Bytes(text.data(), text.size());
  }
  // The byte before each field; true when the field follows.
  template <typename T>
  bool Present(const absl::StatusOr<T>& value) {
    U8(value.ok());
    return value.ok();
  }
  Digest Finish() {
    Drain();
    return hash_.Finish();
  }

 private:
  static constexpr size_t kBuffered = 65536;
  void Drain() {
    hash_.Update(buffer_);
    buffer_.clear();
  }

  Sha256 hash_;
  std::string buffer_;
};

}  // namespace

absl::StatusOr<TokenizerData> ReadTokenizerData(const GgufFile& file) {
  TokenizerData data;
  BITNET_ASSIGN_OR_RETURN(const std::string_view model, file.GetString(kModel));
  if (model == "llama") {
    return absl::UnimplementedError(
        absl::StrCat(kModel,
                     " \"llama\" (SentencePiece: merges by score, no pre-tokenizer) is not supported; expected "
                     "\"gpt2\" (byte-level BPE)"));
  }
  if (model != "gpt2") {
    return absl::UnimplementedError(
        absl::StrCat(kModel, " ", Quoted(model), " is not supported; expected \"gpt2\" (byte-level BPE)"));
  }
  BITNET_ASSIGN_OR_RETURN(data.pre, ReadPreTokenizer(file));
  BITNET_ASSIGN_OR_RETURN(const GgufArray* const tokens, file.GetArray(kTokens, GgufType::kString));
  BITNET_ASSIGN_OR_RETURN(const GgufArray* const types, file.GetArray(kTokenType, GgufType::kI32));
  BITNET_ASSIGN_OR_RETURN(const GgufArray* const merges, file.GetArray(kMerges, GgufType::kString));
  data.tokens = tokens->strings;
  data.merges = merges->strings;
  data.token_types.resize(types->count);
  if (types->count > 0) std::memcpy(data.token_types.data(), types->raw.data(), types->count * sizeof(int32_t));
  BITNET_ASSIGN_OR_RETURN(data.bos, ReadId(file, kBos));
  BITNET_ASSIGN_OR_RETURN(data.eos, ReadId(file, kEos));
  BITNET_ASSIGN_OR_RETURN(data.eot, ReadId(file, kEot));
  data.add_bos = data.pre == PreTokenizer::kLlama3 && data.bos.has_value();
  if (file.Find(kAddBos) != nullptr) {
    BITNET_ASSIGN_OR_RETURN(data.add_bos, file.GetBool(kAddBos));
  }
  return data;
}

Digest TokenizerDigest(const GgufFile& file) {
  DigestWriter out;
  constexpr std::string_view kHeader = "bitnet.tokenizer.v1";
  out.Bytes(kHeader.data(), kHeader.size());
  for (const std::string_view key : {kArchitecture, kModel, kPre}) {
    if (const auto text = file.GetString(key); out.Present(text)) out.Text(*text);
  }
  for (const std::string_view key : {kTokens, kMerges}) {
    const auto list = file.GetArray(key, GgufType::kString);
    if (!out.Present(list)) continue;
    out.U64((*list)->count);
    for (const std::string_view text : (*list)->strings) out.Text(text);
  }
  if (const auto types = file.GetArray(kTokenType, GgufType::kI32); out.Present(types)) {
    out.U64((*types)->count);
    out.Bytes((*types)->raw.data(), (*types)->raw.size());
  }
  for (const std::string_view key : {kBos, kEos, kEot}) {
    if (const auto id = file.GetU64(key); out.Present(id)) out.U64(*id);
  }
  if (const auto add_bos = file.GetBool(kAddBos); out.Present(add_bos)) out.U8(*add_bos);
  return out.Finish();
}

}  // namespace bitnet
