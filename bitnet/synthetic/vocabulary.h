// A complete byte-level BPE tokenizer made from nothing but an embedded word list.

#ifndef BITNET_SYNTHETIC_VOCABULARY_H_
#define BITNET_SYNTHETIC_VOCABULARY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/synthetic/presets.h"

namespace bitnet {

// As GGUF files store it: token texts in GPT-2's printable byte alphabet, merges as "left right", best first.
struct SyntheticVocabulary {
  std::vector<std::string> tokens;   // [vocab] bytes, merged tokens, special tokens
  std::vector<int32_t> token_types;  // [vocab] 1 normal, 3 control
  std::vector<std::string> merges;   // [preset.merges], no two alike
  int32_t begin_of_text = 0;         // the first special token; the rest follow in the places of Llama 3
  int32_t end_of_text = 0;
  int32_t eot = 0;
};

// A pure function of vocab, special_tokens and merges. Byte-pair encoding is trained on the word list, each word with
// and without a leading space and a capital; when all its words are tokens, numbers and words with endings follow.
// Every merge's parts and result are tokens, and the text of every merged token encodes to that token.
// InvalidArgument when the word list yields fewer tokens or merges than the preset asks for.
absl::StatusOr<SyntheticVocabulary> MakeSyntheticVocabulary(const SyntheticPreset& preset);

}  // namespace bitnet

#endif  // BITNET_SYNTHETIC_VOCABULARY_H_
