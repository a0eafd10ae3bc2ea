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
//   bos, eos, padding   config.json, then generation_config.json, then the names in tokenizer_config.json, then
//                       the names in special_tokens_map.json. The first of several eos ids is eos; the first other
//                       id, from any of these files, that a reader would not know by its name is eot; more: a note
//   add_bos             the post_processor of tokenizer.json; where it has none, add_bos_token of
//                       tokenizer_config.json. Classes LlamaTokenizer(Fast) make theirs from that flag, which is
//                       true when it is absent: there it comes first, with a note when tokenizer.json says otherwise
//   chat template       chat_template.jinja, then tokenizer_config.json (of several, the one named "default")
//
// A normalizer of type NFC is a note: no text is normalised here, which changes no text that is in NFC already.
//
// Unimplemented, by name: another model than byte-level BPE, other normalizers, pre-tokenizers and templates that we
// lack, add_eos_token. InvalidArgument: not JSON, ids given twice or at or above vocab_size, a chat template that is
// not UTF-8 or above 1 MiB, and whatever Tokenizer::Create refuses.
absl::StatusOr<HfTokenizer> ReadHfTokenizer(const HfTokenizerFiles& files, const HfConfig& config);

}  // namespace bitnet

#endif  // BITNET_HF_HF_TOKENIZER_H_
