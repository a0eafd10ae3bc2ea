#include "bitnet/kernels/catalog/architecture.h"

namespace bitnet {
namespace {

constexpr Architecture kArchitectures[] = {
    // Microsoft's BitNet b1.58 2B-4T and what is trained like it. bitnet-25 is what earlier files call it.
    {.name = "bitnet-b1.58", .implies_llama3_words = true},
    {.name = "bitnet-25", .implies_llama3_words = true},
    // The same tensors as other programs name them. Reproductions of the first paper, which were trained with SiLU, use
    // this name too, and no key of a file tells the two apart.
    {.name = "bitnet", .implies_llama3_words = true},
    // Llama, with every linear layer ternary: Falcon3-1.58bit, Falcon-E, TriLM, Llama3-8B-1.58. Converters permute the
    // rows of q and k for interleaved rope. 10000 is what other programs take when the file does not say.
    {.name = "llama",
     .activation = Activation::kSilu,
     .sub_norms = false,
     .rope = RopeForm::kInterleaved,
     .may_untie_head = true,
     .own_head_dim = true,
     .default_rope_freq_base = 10000.0f},
};

}  // namespace

std::span<const Architecture> Architectures() { return kArchitectures; }

const Architecture* FindArchitecture(std::string_view name) {
  for (const Architecture& architecture : kArchitectures) {
    if (architecture.name == name) return &architecture;
  }
  return nullptr;
}

std::string ArchitectureNames() {
  std::string names;
  for (const Architecture& architecture : kArchitectures) {
    if (!names.empty()) names += ", ";
    names += architecture.name;
  }
  return names;
}

std::string_view ActivationName(Activation activation) {
  switch (activation) {
    case Activation::kRelu2:
      return "relu2";
    case Activation::kSilu:
      return "silu";
  }
  return "";
}

std::string_view RopeFormName(RopeForm form) {
  switch (form) {
    case RopeForm::kHalfSplit:
      return "half_split";
    case RopeForm::kInterleaved:
      return "interleaved";
  }
  return "";
}

}  // namespace bitnet
