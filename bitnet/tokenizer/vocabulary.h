// Vocabulary: what Tokenizer::Create checks and builds from TokenizerData, ready for look-up.

#ifndef BITNET_TOKENIZER_VOCABULARY_H_
#define BITNET_TOKENIZER_VOCABULARY_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/tokenizer/merge_table.h"
#include "bitnet/tokenizer/special_tokens.h"
#include "bitnet/tokenizer/token_table.h"

namespace bitnet {

// Immutable; safe to share between threads. Movable: its views point into heap memory that moves along.
struct Vocabulary {
  TokenTable tokens;
  SpecialTokens specials;                  // control, user-defined and unmatched tokens
  std::vector<bool> is_control;            // [vocab]
  std::array<int32_t, 256> byte_tokens{};  // the token of each single byte
  MergeTable merges;
};

// Errors as Tokenizer::Create lists them. Nothing of the input is referred to afterwards.
absl::StatusOr<Vocabulary> BuildVocabulary(const std::vector<std::string_view>& tokens,
                                           const std::vector<int32_t>& token_types,
                                           const std::vector<std::string_view>& merges);

// The id of a token as the vocabulary spells it ("Ġthe"); TokenTable::kNone when there is none.
int32_t FindBySpelling(const TokenTable& tokens, const SpecialTokens& specials, std::string_view spelling);

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_VOCABULARY_H_
