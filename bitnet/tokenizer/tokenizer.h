// Tokenizer: byte-level BPE as GGUF files of the GPT-2 family store it.

#ifndef BITNET_TOKENIZER_TOKENIZER_H_
#define BITNET_TOKENIZER_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bitnet {

using TokenId = int32_t;

// How text is cut into words before merging.
enum class PreTokenizer { kLlama3, kGpt2 };

// What a tokenizer is made of. Views must live until Create returns; the tokenizer keeps its own copies.
struct TokenizerData {
  std::vector<std::string_view> tokens;  // [vocab] in GPT-2's printable byte alphabet ("Ġthe")
  std::vector<int32_t> token_types;      // [vocab] 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte
  std::vector<std::string_view> merges;  // "left right", best first
  PreTokenizer pre = PreTokenizer::kLlama3;
  std::optional<TokenId> bos, eos, eot;
  bool add_bos = false;
};

// Immutable after Create; safe to share between threads.
class Tokenizer {
 public:
  // InvalidArgument with the offending index: sizes that differ, ids out of range, merges without a space or with
  // parts outside the vocabulary, duplicate tokens.
  static absl::StatusOr<Tokenizer> Create(const TokenizerData& data);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  struct EncodeOptions {
    bool add_bos = true;         // only when the file says add_bos_token
    bool parse_special = false;  // true: "<|eot_id|>" in the text becomes its control token
  };
  // Any bytes are accepted; bytes that are not UTF-8 survive the round trip.
  std::vector<TokenId> Encode(std::string_view text, const EncodeOptions& options) const;

  // The bytes of one token: may be a part of a UTF-8 character. Control tokens give their text when `special`, else "".
  // InvalidArgument for an id outside [0, vocab_size).
  absl::StatusOr<std::string> TokenBytes(TokenId id, bool special) const;
  absl::StatusOr<std::string> Decode(std::span<const TokenId> ids, bool special) const;

  int64_t vocab_size() const;
  std::optional<TokenId> bos() const;
  std::optional<TokenId> eos() const;
  std::optional<TokenId> eot() const;
  bool add_bos() const;
  // Ids that end a generation: eos, eot and control tokens with the well-known names. O(1) look-up.
  bool IsEndOfGeneration(TokenId id) const;
  const std::vector<TokenId>& end_of_generation_ids() const;
  std::optional<TokenId> FindToken(std::string_view text) const;  // as it stands in the vocabulary

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Turns a stream of tokens into text without ever splitting a UTF-8 character: bytes that may still become one are
// held back. Bytes that can never become a character are passed on as they are. Not thread-safe.
class StreamingDetokenizer {
 public:
  // `tokenizer` outlives this.
  explicit StreamingDetokenizer(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  // The text that is complete after this token; may be "".
  absl::StatusOr<std::string> Push(TokenId id);
  // What was held back.
  std::string Flush();

 private:
  const Tokenizer& tokenizer_;
  std::string pending_;
};

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_TOKENIZER_H_
