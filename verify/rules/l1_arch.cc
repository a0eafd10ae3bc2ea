// L1-ARCH (RS-130): the architecture is one that exists and is told the same way everywhere. A file that calls itself
// 2B-4T has the numbers of 2B-4T.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/tensor/ternary_formats.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// A head of its own size still fills whole blocks of I2_S: rows of the output projection are made of them.
constexpr uint64_t kBlock = 128;

// Per block 7 ternary matrices and 2 norms, 4 with sub-norms. Besides: the embedding, the last norm, and the head where
// it is not the embedding.
uint64_t TensorsOf(const ArchShape& arch) {
  return SaturatingProduct(arch.sub_norms ? 11 : 9, arch.layers) + (arch.untied_head ? 3 : 2);
}

// What the architecture's name means for the graph.
void ExpectTraits(const ArchShape& arch, RuleFacts& facts) {
  const std::string_view name = facts.Text("/evidence/model/arch/name");
  const Architecture* known = FindArchitecture(name);
  facts.Expect(known != nullptr, [&] {
    return absl::StrCat("/evidence/model/arch/name is \"", name, "\"; expected one of ", ArchitectureNames());
  });
  if (known == nullptr) return;
  facts.ExpectEqual("/evidence/model/arch/activation", ActivationName(arch.activation),
                    ActivationName(known->activation));
  facts.ExpectEqual("/evidence/model/arch/rope_form", facts.Text("/evidence/model/arch/rope_form"),
                    RopeFormName(known->rope));
  facts.Expect(arch.sub_norms == known->sub_norms, [&] {
    return absl::StrCat("/evidence/model/arch/sub_norms is ", arch.sub_norms ? "true" : "false",
                        "; expected the other, ", "as architecture ", name, " has it");
  });
  facts.Expect(!arch.untied_head || known->may_untie_head, [&] {
    return absl::StrCat("/evidence/model/arch/tied_embeddings is false; expected true, as architecture ", name,
                        " has it");
  });
  const uint64_t width = SaturatingProduct(arch.heads, arch.head_dim);
  facts.Expect(known->own_head_dim ? width % kBlock == 0 : width == arch.hidden, [&] {
    return absl::StrCat("/evidence/model/arch has ", arch.heads, " heads of ", arch.head_dim, "; expected ",
                        known->own_head_dim ? "a multiple of " : "hidden_size ",
                        known->own_head_dim ? kBlock : arch.hidden, " of them together");
  });
}

void ExpectTernaryFormat(RuleFacts& facts) {
  const std::string_view type = facts.Text("/model_info/quantization_type");
  facts.Expect(FindTernaryFormat(type) != nullptr, [&] {
    const auto name = [](std::string* out, const TernaryFormat& format) { out->append(format.name); };
    return absl::StrCat("/model_info/quantization_type is \"", type, "\"; expected one of ",
                        absl::StrJoin(kTernaryFormats, ", ", name));
  });
}

void ExpectSame(std::string_view legacy, std::string_view arch, uint64_t expected, RuleFacts& facts) {
  const std::string path = absl::StrCat("/model_info/", legacy);
  facts.ExpectEqual(path, facts.Uint(path), expected, absl::StrCat("as /evidence/model/arch/", arch));
}

// Microsoft's BitNet b1.58 2B-4T, the numbers of its published file.
void ExpectIs2B4T(const ArchShape& arch, RuleFacts& facts) {
  const auto expect = [&](std::string_view member, uint64_t got, uint64_t expected) {
    facts.ExpectEqual(absl::StrCat("/evidence/model/arch/", member), got, expected,
                      "for /model_info/model_path names 2B-4T");
  };
  expect("layers", arch.layers, 30);
  expect("hidden_size", arch.hidden, 2560);
  expect("ffn_size", arch.ffn, 6912);
  expect("heads", arch.heads, 20);
  expect("kv_heads", arch.kv_heads, 5);
  expect("vocab_size", arch.vocab, 128256);
  expect("context_length", facts.Uint("/evidence/model/arch/context_length"), 4096);
  for (const auto& [member, text] : {std::pair("rms_eps_bits", "f32:3727c5ac"),         // 1e-5
                                     std::pair("rope_freq_base_bits", "f32:48f42400"),  // 500000
                                     std::pair("activation", "relu2")}) {
    const std::string path = absl::StrCat("/evidence/model/arch/", member);
    facts.ExpectEqual(path, facts.Text(path), text);
  }
}

// Lower case, with one "-" for every run of separators: blanks, "-", "_", ".", and the hyphens, dashes and spaces of
// Unicode that look like them (U+00A0, U+00AD, U+2000 to U+2015, U+2212).
std::string Normalized(std::string_view name) {
  std::string text(name);
  for (int i = 0; i < 0x16; ++i) {
    text = absl::StrReplaceAll(text, {{std::string("\xe2\x80") + static_cast<char>(0x80 + i), "-"}});
  }
  text = absl::StrReplaceAll(text, {{"\xe2\x88\x92", "-"}, {"\xc2\xa0", "-"}, {"\xc2\xad", "-"}});
  absl::AsciiStrToLower(&text);
  std::string normalized;
  for (const char c : text) {
    const bool separator = c == '-' || c == '_' || c == '.' || c == ' ';
    if (!separator) normalized.push_back(c);
    if (separator && !normalized.empty() && normalized.back() != '-') normalized.push_back('-');
  }
  return normalized;
}

// Whether "2B-4T" (or "2B4T") stands in `name` as a word of its own.
bool HasToken2B4T(std::string_view name) {
  const std::string text = absl::StrCat("-", Normalized(name), "-");
  return absl::StrContains(text, "-2b-4t-") || absl::StrContains(text, "-2b4t-");
}

// A file that calls itself 2B-4T, or any file in a folder of the name under which the model is published. Other folders
// may be called what their owners like.
bool Names2B4T(std::string_view path) {
  const std::vector<std::string_view> parts = absl::StrSplit(path, absl::ByAnyChar("/\\"), absl::SkipEmpty());
  if (parts.empty()) return false;
  if (HasToken2B4T(parts.back())) return true;
  if (parts.size() < 2) return false;
  const std::string parent = Normalized(parts[parts.size() - 2]);
  std::string_view folder = parent;
  absl::ConsumePrefix(&folder, "microsoft-");
  absl::ConsumeSuffix(&folder, "-gguf");
  return folder == "bitnet-b1-58-2b-4t";
}

}  // namespace

CheckResult CheckArch(const AuditInput& input) {
  RuleFacts facts(input);
  const ArchShape arch = ReadArch(facts);
  const std::string_view model_path = facts.Text("/model_info/model_path");
  if (!facts.ok()) return facts.Result("");

  ExpectTraits(arch, facts);
  ExpectTernaryFormat(facts);
  ExpectSame("layers", "layers", arch.layers, facts);
  ExpectSame("hidden_size", "hidden_size", arch.hidden, facts);
  ExpectSame("num_attention_heads", "heads", arch.heads, facts);
  ExpectSame("num_key_value_heads", "kv_heads", arch.kv_heads, facts);
  ExpectSame("vocab_size", "vocab_size", arch.vocab, facts);
  facts.Expect(arch.heads % arch.kv_heads == 0, [&] {
    return absl::StrCat("/evidence/model/arch/kv_heads is ", arch.kv_heads, "; expected a divisor of ", arch.heads,
                        " heads");
  });
  facts.ExpectPositive("/evidence/model/arch/context_length", facts.Uint("/evidence/model/arch/context_length"));
  facts.ExpectEqual("/evidence/model/n_tensors", facts.Uint("/evidence/model/n_tensors"), TensorsOf(arch),
                    "what layers, norms and head make");
  if (Names2B4T(model_path)) ExpectIs2B4T(arch, facts);
  return facts.Result(absl::StrCat(arch.layers, " layers of ", arch.hidden, ", ", arch.heads, "/", arch.kv_heads,
                                   " heads, vocabulary ", arch.vocab));
}

}  // namespace bitnet::verify
