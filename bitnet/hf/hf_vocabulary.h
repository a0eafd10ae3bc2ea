// The vocabulary and merges of a tokenizer.json.

#ifndef BITNET_HF_HF_VOCABULARY_H_
#define BITNET_HF_HF_VOCABULARY_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "bitnet/hf/hf_tokenizer.h"
#include "bitnet/json/json_object.h"

namespace bitnet {

// Token ids of the texts in "added_tokens".
using HfAddedTokens = absl::flat_hash_map<std::string, TokenId>;

// Fills tokens, token_types and merges from "model" and "added_tokens" of the root. Added tokens are control tokens
// when they are special, else user-defined; where one is in the vocabulary too, both must have the same id.
absl::Status ReadHfVocabulary(const JsonObject& root, uint64_t vocab, HfTokenizer* tokenizer, HfAddedTokens* added);

}  // namespace bitnet

#endif  // BITNET_HF_HF_VOCABULARY_H_
