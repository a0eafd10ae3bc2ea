// A small, complete byte-level vocabulary that owns its text. For tests and fuzzing.

#ifndef BITNET_TOKENIZER_BYTE_LEVEL_VOCABULARY_H_
#define BITNET_TOKENIZER_BYTE_LEVEL_VOCABULARY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

// Ids 0-255 are the bytes in order, then one token for each merge result, then "world", which no merge reaches, then
// the special ones. Public members: tests change them to make a vocabulary wrong.
struct ByteLevelVocabulary {
  explicit ByteLevelVocabulary(PreTokenizer pre);

  // The views point into this object.
  TokenizerData Data() const;
  // The id of a token given as it stands in `tokens`; the test fails when there is none.
  TokenId Id(std::string_view token) const;

  PreTokenizer pre;
  std::vector<std::string> tokens;
  std::vector<int32_t> types;
  std::vector<std::string> merges;
};

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_BYTE_LEVEL_VOCABULARY_H_
