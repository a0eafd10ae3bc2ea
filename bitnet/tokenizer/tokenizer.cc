#include "bitnet/tokenizer/tokenizer.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/tokenizer/bpe.h"
#include "bitnet/tokenizer/special_tokens.h"
#include "bitnet/tokenizer/token_table.h"
#include "bitnet/tokenizer/utf8.h"
#include "bitnet/tokenizer/vocabulary.h"

namespace bitnet {
namespace {

// Control tokens that end a generation, whatever the file's eos and eot say. The names are those of the Llama-3, GPT-2,
// ChatML and Gemma vocabularies.
constexpr std::string_view kEndOfGenerationNames[] = {"<|eot_id|>", "<|end_of_text|>", "<|endoftext|>",
                                                      "<|im_end|>", "<|eom_id|>",      "<end_of_turn>"};

// Positions inside a word are 32-bit. A longer word (over a gigabyte without a break) is merged in parts.
constexpr size_t kLongestWord = size_t{1} << 30;

// More than a token and a cut character usually have, so that streaming allocates nothing.
constexpr size_t kUsualTokenBytes = 512;

absl::Status CheckId(std::string_view name, std::optional<TokenId> id, size_t vocab_size) {
  if (!id.has_value() || (*id >= 0 && static_cast<size_t>(*id) < vocab_size)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " token id ", *id, " is outside the vocabulary; expected 0 <= id < ", vocab_size));
}

}  // namespace

struct Tokenizer::Impl {
  Vocabulary vocabulary;
  WordSplitter splitter;
  // Llama 3 was published as a rank-only vocabulary, where a word that is itself a token is that token; a merge list
  // cannot express this for tokens that no sequence of merges reaches. GPT-2 has merges only.
  bool whole_words;
  std::optional<TokenId> bos, eos, eot;
  bool add_bos;
  std::vector<bool> is_end;  // [vocab]
  std::vector<TokenId> ends;

  // Text without special tokens.
  void EncodeOrdinary(std::string_view text, BpeMerger& merger, std::vector<TokenId>* ids) const {
    splitter.Split(text, [&](std::string_view word) {
      if (whole_words) {
        if (const int32_t id = vocabulary.tokens.Find(word); id != TokenTable::kNone) {
          ids->push_back(id);
          return;
        }
      }
      for (; !word.empty(); word.remove_prefix(std::min(word.size(), kLongestWord))) {
        merger.Append(word.substr(0, kLongestWord), ids);
      }
    });
  }

  // Requires a valid id.
  std::string_view BytesOf(TokenId id, bool special) const {
    return special || !vocabulary.is_control[id] ? vocabulary.tokens.Bytes(id) : std::string_view();
  }
};

absl::StatusOr<Tokenizer> Tokenizer::Create(const TokenizerData& data) {
  BITNET_RETURN_IF_ERROR(CheckId("bos", data.bos, data.tokens.size()));
  BITNET_RETURN_IF_ERROR(CheckId("eos", data.eos, data.tokens.size()));
  BITNET_RETURN_IF_ERROR(CheckId("eot", data.eot, data.tokens.size()));
  if (data.add_bos && !data.bos.has_value()) {
    return absl::InvalidArgumentError("add_bos is set but there is no bos token id; expected both or neither");
  }
  BITNET_ASSIGN_OR_RETURN(Vocabulary vocabulary, BuildVocabulary(data.tokens, data.token_types, data.merges));

  std::vector<bool> is_end(data.tokens.size());
  if (data.eos.has_value()) is_end[*data.eos] = true;
  if (data.eot.has_value()) is_end[*data.eot] = true;
  for (const std::string_view name : kEndOfGenerationNames) {
    const SpecialTokens::Token* const token = vocabulary.specials.FindExact(name);
    if (token != nullptr && token->kind == SpecialTokens::Kind::kControl) is_end[token->id] = true;
  }
  std::vector<TokenId> ends;
  for (size_t id = 0; id < is_end.size(); ++id) {
    if (is_end[id]) ends.push_back(static_cast<TokenId>(id));
  }
  return Tokenizer(std::unique_ptr<const Impl>(new Impl{.vocabulary = std::move(vocabulary),
                                                        .splitter = WordSplitter(data.pre),
                                                        .whole_words = data.pre == PreTokenizer::kLlama3,
                                                        .bos = data.bos,
                                                        .eos = data.eos,
                                                        .eot = data.eot,
                                                        .add_bos = data.add_bos,
                                                        .is_end = std::move(is_end),
                                                        .ends = std::move(ends)}));
}

Tokenizer::Tokenizer(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

std::vector<TokenId> Tokenizer::Encode(std::string_view text, const EncodeOptions& options) const {
  std::vector<TokenId> ids;
  ids.reserve(text.size() / 4 + 1);  // English averages four bytes a token
  if (options.add_bos && impl_->add_bos) ids.push_back(*impl_->bos);
  BpeMerger merger(impl_->vocabulary.merges, impl_->vocabulary.byte_tokens);
  size_t begin = 0;
  while (const auto special = impl_->vocabulary.specials.FindFirst(text, begin, options.parse_special)) {
    impl_->EncodeOrdinary(text.substr(begin, special->begin - begin), merger, &ids);
    ids.push_back(special->id);
    begin = special->begin + special->size;
  }
  impl_->EncodeOrdinary(text.substr(begin), merger, &ids);
  return ids;
}

absl::StatusOr<std::string> Tokenizer::TokenBytes(TokenId id, bool special) const {
  std::string text;
  BITNET_RETURN_IF_ERROR(AppendTokenBytes(id, special, text));
  return text;
}

absl::Status Tokenizer::AppendTokenBytes(TokenId id, bool special, std::string& text) const {
  BITNET_RETURN_IF_ERROR(CheckId("decoded", id, vocab_size()));
  text.append(impl_->BytesOf(id, special));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Tokenizer::Decode(std::span<const TokenId> ids, bool special) const {
  std::string text;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= vocab_size())
      return CheckId(absl::StrCat("at position ", i, ":"), ids[i], vocab_size());
    text.append(impl_->BytesOf(ids[i], special));
  }
  return text;
}

int64_t Tokenizer::vocab_size() const { return impl_->vocabulary.tokens.size(); }
std::optional<TokenId> Tokenizer::bos() const { return impl_->bos; }
std::optional<TokenId> Tokenizer::eos() const { return impl_->eos; }
std::optional<TokenId> Tokenizer::eot() const { return impl_->eot; }
bool Tokenizer::add_bos() const { return impl_->add_bos; }

bool Tokenizer::IsEndOfGeneration(TokenId id) const { return id >= 0 && id < vocab_size() && impl_->is_end[id]; }
const std::vector<TokenId>& Tokenizer::end_of_generation_ids() const { return impl_->ends; }

std::optional<TokenId> Tokenizer::FindToken(std::string_view text) const {
  const int32_t id = FindBySpelling(impl_->vocabulary.tokens, impl_->vocabulary.specials, text);
  return id == TokenTable::kNone ? std::nullopt : std::optional<TokenId>(id);
}

StreamingDetokenizer::StreamingDetokenizer(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {
  pending_.reserve(kUsualTokenBytes);
}

absl::StatusOr<std::string_view> StreamingDetokenizer::Push(TokenId id) {
  pending_.erase(0, std::exchange(shown_, 0));
  BITNET_RETURN_IF_ERROR(tokenizer_.AppendTokenBytes(id, /*special=*/false, pending_));
  shown_ = pending_.size() - IncompleteUtf8Suffix(pending_);
  return std::string_view(pending_).substr(0, shown_);
}

std::string StreamingDetokenizer::Flush() {
  std::string held = pending_.substr(std::exchange(shown_, 0));
  pending_.clear();
  return held;
}

}  // namespace bitnet
