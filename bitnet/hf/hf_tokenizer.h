// HfTokenizer: tokenizer.json and the files beside it, as the tokenizer.ggml.* keys of a GGUF file spell it.

#ifndef BITNET_HF_HF_TOKENIZER_H_
#define BITNET_HF_HF_TOKENIZER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/hf/hf_config.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

// Texts of the files; empty when there is none. Only the first is required.
struct HfTokenizerFiles {
  std::string_view tokenizer;           // tokenizer.json
  std::string_view tokenizer_config;    // tokenizer_config.json
  std::string_view generation_config;   // generation_config.json
  std::string_view special_tokens_map;  // special_tokens_map.json
  std::string_view chat_template;       // chat_template.jinja
};

struct HfTokenizer {
  std::vector<std::string> tokens;   // [vocab], as TokenizerData has them; ids that no token has are "[PAD<id>]"
  std::vector<int32_t> token_types;  // [vocab]; "unused" for those
  std::vector<std::string> merges;   // "left right"
  PreTokenizer pre = PreTokenizer::kLlama3;
  std::optional<TokenId> bos, eos, eot, pad;
  bool add_bos = false;
  std::string chat_template;       // Jinja; empty when there is none
  std::vector<std::string> notes;  // what the GGUF file cannot say, in words for a report

  // Views into this.
  TokenizerData Data() const;
};

// Where files contradict each other:
//   bos, eos, padding   config.json, then generation_config.json, then the names in tokenizer_config.json, then those
//   in
//                       special_tokens_map.json. The first of several eos ids is eos; the first other id, from any of
//                       these files, that a reader would not know by its name is eot; more are a note.
//   add_bos             the template of tokenizer.json; without a template add_bos_token of tokenizer_config.json.
//                       Tokenizers of class LlamaTokenizer(Fast) make their template from the flag: there it comes
//                       first
//   chat template       chat_template.jinja, then tokenizer_config.json (of several, the one named "default")
//
// Unimplemented, by name: another model than byte-level BPE, normalizers, pre-tokenizers and templates that we lack.
// InvalidArgument: not JSON, ids given twice or at or above vocab_size, and whatever Tokenizer::Create refuses.
absl::StatusOr<HfTokenizer> ReadHfTokenizer(const HfTokenizerFiles& files, const HfConfig& config);

}  // namespace bitnet

#endif  // BITNET_HF_HF_TOKENIZER_H_
