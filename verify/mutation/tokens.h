// Tokens of C++ as far as the mutator needs them: what is code, where it lies, and whether it is set off by spaces.

#ifndef VERIFY_MUTATION_TOKENS_H_
#define VERIFY_MUTATION_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bitnet::mutation {

enum class TokenKind : uint8_t { kIdentifier, kNumber, kString, kCharacter, kPunctuator };

struct Token {
  TokenKind kind;
  std::string_view text;  // of the source
  size_t begin;           // offset in bytes
  bool space_before;      // or a line's end
  bool space_after;

  size_t end() const { return begin + text.size(); }
  bool Is(std::string_view other) const { return text == other; }
};

// Comments and preprocessor lines, with their continuations, are left out. `source` must outlive the tokens and be what
// a compiler accepts; of anything else the tokens are some tokens.
std::vector<Token> Tokenize(std::string_view source);

// For each bracket of ( [ { the index of its partner and the other way round; -1 for what is no bracket or has none.
std::vector<int> MatchBrackets(const std::vector<Token>& tokens);

}  // namespace bitnet::mutation

#endif  // VERIFY_MUTATION_TOKENS_H_
