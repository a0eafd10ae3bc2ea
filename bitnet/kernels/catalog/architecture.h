// The architectures that are run, and what each means for the graph: one table, read by the engine when it loads a
// model and by the auditor when it checks what a receipt says about one.

#ifndef BITNET_KERNELS_CATALOG_ARCHITECTURE_H_
#define BITNET_KERNELS_CATALOG_ARCHITECTURE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bitnet/kernels/catalog/work.h"

namespace bitnet {

// Which rows of attn_q and attn_k a rotation turns together, in the file. With h = head_dim / 2, rows i and i + h of a
// head (half-split: "neox" in other programs), or rows 2 i and 2 i + 1 (interleaved: "norm"). Both mean the same
// rotation by angle i; the rope kernel knows the first, and rows of the second are put in its order at load.
enum class RopeForm : uint8_t { kHalfSplit, kInterleaved };

// What that change of order is called in receipts, beside the repacks of formats.
inline constexpr char kRopeRowsRepack[] = "rope_rows_to_half_split";

// The name of the load-time copy of the head in int8, by which logits are screened.
inline constexpr char kHeadScreenRepack[] = "head_to_i8_panels";

struct Architecture {
  std::string_view name;  // general.architecture of a GGUF file, and the prefix of its keys
  Activation activation = Activation::kRelu2;
  bool sub_norms = true;  // attn_sub_norm and ffn_sub_norm, before the output and down projections
  RopeForm rope = RopeForm::kHalfSplit;
  bool may_untie_head = false;  // output.weight, where the file has it, is the head; else token_embd is
  // attention.key_length may make heads * head_dim another number than embedding_length.
  bool own_head_dim = false;
  // Of a file without rope.freq_base; 0: such a file is refused.
  float default_rope_freq_base = 0;
  // What a file without tokenizer.ggml.pre means: the Llama-3 pre-tokenizer, or nothing certain.
  bool implies_llama3_words = false;
};

// In the order of documents: bitnet-b1.58, bitnet-25, bitnet, llama.
std::span<const Architecture> Architectures();

// nullptr when there is none of this name.
const Architecture* FindArchitecture(std::string_view name);

// "bitnet-b1.58, bitnet-25, bitnet, llama", for errors.
std::string ArchitectureNames();

// As receipts spell them: "relu2", "silu"; "half_split", "interleaved".
std::string_view ActivationName(Activation activation);
std::string_view RopeFormName(RopeForm form);

}  // namespace bitnet

#endif  // BITNET_KERNELS_CATALOG_ARCHITECTURE_H_
