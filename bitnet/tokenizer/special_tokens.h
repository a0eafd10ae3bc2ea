// SpecialTokens: the tokens that stand for their own text, and where they occur in a text.

#ifndef BITNET_TOKENIZER_SPECIAL_TOKENS_H_
#define BITNET_TOKENIZER_SPECIAL_TOKENS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace bitnet {

// Immutable after Sort; then safe to share between threads. Views the texts, which must outlive it.
class SpecialTokens {
 public:
  enum class Kind : uint8_t {
    kControl,      // found in text only when the caller asks for it
    kUserDefined,  // always found in text
    kUnmatched,    // never found in text; known by name only
  };
  struct Token {
    std::string_view text;  // not empty
    int32_t id;
    Kind kind;
  };
  struct Occurrence {
    size_t begin, size;  // bytes in the text
    int32_t id;
  };

  void Add(const Token& token);
  // Call once after the last Add. InvalidArgument naming both ids when two have the same text.
  absl::Status Sort();

  // The first occurrence at or after `begin`; the longest of those that start at the same byte. Control tokens count
  // when `control`.
  std::optional<Occurrence> FindFirst(std::string_view text, size_t begin, bool control) const;

  // The token with exactly this text, of any kind; nullptr when there is none.
  const Token* FindExact(std::string_view text) const;

  const std::vector<Token>& tokens() const { return tokens_; }

 private:
  std::vector<Token> tokens_;              // by text after Sort
  std::array<bool, 256> control_start_{};  // first bytes of control and user-defined tokens
  std::array<bool, 256> user_start_{};     // first bytes of user-defined tokens
};

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_SPECIAL_TOKENS_H_
