// How a GGUF file spells its tokenizer: the keys tokenizer.ggml.*.

#ifndef BITNET_MODEL_TOKENIZER_METADATA_H_
#define BITNET_MODEL_TOKENIZER_METADATA_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

// The tokenizer of a model file; views point into the bytes that `file` was parsed from.
//
//   tokenizer.ggml.model          "gpt2" (byte-level BPE); any other is Unimplemented by name, SentencePiece too
//   tokenizer.ggml.pre            the pre-tokenizer's name, see below
//   tokenizer.ggml.tokens         string array; required
//   tokenizer.ggml.token_type     i32 array of the same size; required
//   tokenizer.ggml.merges         string array; required
//   tokenizer.ggml.{bos,eos,eot}_token_id   optional
//   tokenizer.ggml.add_bos_token  optional; absent means: Llama-3 yes when there is a bos id, GPT-2 no
//
// `pre` absent, or "default" (what converters write when they do not know it): Llama-3 in files of the architectures
// that imply it (bitnet/kernels/catalog/architecture.h), whose published files lack the key; FailedPrecondition
// elsewhere, since a guess would change token ids silently. A name that is none of ours is Unimplemented by name.
absl::StatusOr<TokenizerData> ReadTokenizerData(const GgufFile& file);

// SHA-256 over everything in the file that decides what text becomes which ids, so that equal digests mean equal
// tokenizers. Canonical serialisation, integers little-endian:
//
//   the 19 bytes "bitnet.tokenizer.v1"
//   general.architecture, .model, .pre                  text
//   .tokens, .merges                                    list of text
//   .token_type                                         list of i32
//   .bos_token_id, .eos_token_id, .eot_token_id         u64
//   .add_bos_token                                      one byte, 0 or 1
//
//   text = u64 length, bytes; list = u64 count, items. Each of the ten fields has a byte before it: 1 when the file has
//   the key with the type that ReadTokenizerData expects, else 0 and nothing follows.
Digest TokenizerDigest(const GgufFile& file);

}  // namespace bitnet

#endif  // BITNET_MODEL_TOKENIZER_METADATA_H_
