// Which of our pre-tokenizers a tokenizer.json describes, and what it puts around a text.

#ifndef BITNET_HF_HF_PRE_TOKENIZER_H_
#define BITNET_HF_HF_PRE_TOKENIZER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/json/json_object.h"
#include "bitnet/tokenizer/pre_tokenizer.h"

namespace bitnet {

// "pre_tokenizer" of a tokenizer.json. Told by what it does, never by the model's name:
//
// kLlama3: a Split by Llama-3's pattern, isolated, then ByteLevel without its own pattern (Llama 3, BitNet, Falcon 3).
// kGpt2: ByteLevel with its own pattern, or a Split by that pattern, then ByteLevel without.
//
// Unimplemented for anything else, with the pattern or the kinds of its parts.
absl::StatusOr<PreTokenizer> ReadHfPreTokenizer(const JsonObject& tokenizer);

// tokenizer.ggml.pre of each.
std::string_view GgufPreTokenizerName(PreTokenizer pre);

// "post_processor": the special tokens that it puts before a text, in order. Unimplemented for one that puts any after
// it, or is of another kind than TemplateProcessing, ByteLevel or a sequence of these.
absl::StatusOr<std::vector<std::string>> ReadHfTokensBefore(const JsonObject& tokenizer);

}  // namespace bitnet

#endif  // BITNET_HF_HF_PRE_TOKENIZER_H_
