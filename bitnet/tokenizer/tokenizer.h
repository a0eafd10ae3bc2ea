// Tokenizer: byte-level BPE as GGUF files of the GPT-2 family store it.
//
//   text -> special tokens cut out -> words (WordSplitter) -> bytes -> merged tokens (BpeMerger) -> ids

#ifndef BITNET_TOKENIZER_TOKENIZER_H_
#define BITNET_TOKENIZER_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/tokenizer/pre_tokenizer.h"

namespace bitnet {

using TokenId = int32_t;

// What a tokenizer is made of. Views must live until Create returns; the tokenizer keeps its own copies.
struct TokenizerData {
  std::vector<std::string_view> tokens;  // [vocab] in GPT-2's printable byte alphabet ("Ġthe")
  std::vector<int32_t> token_types;      // [vocab] 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte
  std::vector<std::string_view> merges;  // "left right", best first; of equal pairs the first counts
  PreTokenizer pre = PreTokenizer::kLlama3;
  std::optional<TokenId> bos, eos, eot;
  bool add_bos = false;
};

// Immutable after Create; safe to share between threads.
//
// What a token's type means: control and unknown tokens stand for their own text and come out of Encode only where
// `parse_special` finds that text; user-defined ones stand for their own text and are always found; all others spell
// bytes in the byte alphabet and come out of merging. A token of this last kind with a character outside the alphabet
// stands for its own text and never comes out of Encode.
class Tokenizer {
 public:
  // InvalidArgument with the offending index: sizes that differ, ids out of range, types unknown, tokens empty or
  // duplicate, one of the 256 single bytes missing, merges without a space or with a part or result outside the
  // vocabulary.
  static absl::StatusOr<Tokenizer> Create(const TokenizerData& data);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  struct EncodeOptions {
    bool add_bos = true;         // only when the file says add_bos_token
    bool parse_special = false;  // true: "<|eot_id|>" in the text becomes its control token
  };
  // Any bytes are accepted; bytes that are not UTF-8 survive the round trip. O(n log n) in the text's size.
  std::vector<TokenId> Encode(std::string_view text, const EncodeOptions& options) const;

  // The bytes of one token: may be a part of a UTF-8 character. Control tokens give their text when `special`, else "".
  // InvalidArgument for an id outside [0, vocab_size).
  absl::StatusOr<std::string> TokenBytes(TokenId id, bool special) const;
  absl::Status AppendTokenBytes(TokenId id, bool special, std::string& text) const;
  absl::StatusOr<std::string> Decode(std::span<const TokenId> ids, bool special) const;

  int64_t vocab_size() const;
  std::optional<TokenId> bos() const;
  std::optional<TokenId> eos() const;
  std::optional<TokenId> eot() const;
  bool add_bos() const;
  // Ids that end a generation: eos, eot and control tokens with the well-known names. O(1) look-up; false for ids
  // outside the vocabulary.
  bool IsEndOfGeneration(TokenId id) const;
  const std::vector<TokenId>& end_of_generation_ids() const;      // rising
  std::optional<TokenId> FindToken(std::string_view text) const;  // as it stands in the vocabulary

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

// Turns a stream of tokens into text without ever splitting a UTF-8 character: bytes that may still become one are
// held back. Bytes that can never become a character are passed on as they are. Control tokens give no text. The
// pieces concatenate to Decode(ids, false). Not thread-safe.
class StreamingDetokenizer {
 public:
  // `tokenizer` outlives this.
  explicit StreamingDetokenizer(const Tokenizer& tokenizer);

  // The text that is complete after this token; may be "". Valid until the next call. InvalidArgument for an id outside
  // the vocabulary.
  absl::StatusOr<std::string_view> Push(TokenId id);
  // What was held back: at most three bytes, not UTF-8. Starts anew.
  std::string Flush();

 private:
  const Tokenizer& tokenizer_;
  std::string pending_;  // what was shown last, and what is held back
  size_t shown_ = 0;     // bytes of pending_
};

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_TOKENIZER_H_
