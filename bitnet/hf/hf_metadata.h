// The metadata of the GGUF file that a Hugging Face model becomes.

#ifndef BITNET_HF_HF_METADATA_H_
#define BITNET_HF_HF_METADATA_H_

#include "absl/functional/function_ref.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/hf/hf_model.h"

namespace bitnet {

// The keys of the official BitNet file in its order; add_format_keys is called where that has general.file_type.
//
// Like that file, one of an architecture that implies Llama-3 words has no tokenizer.ggml.pre when its words are those.
// Its tokenizer.ggml.eot_token_id is left out too when readers know the token by its name, as they do <|eot_id|>.
void AddHfMetadata(const HfModel& model, GgufWriter& writer, absl::FunctionRef<void()> add_format_keys);

}  // namespace bitnet

#endif  // BITNET_HF_HF_METADATA_H_
