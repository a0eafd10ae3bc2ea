// L1-MODEL (RS-131): the receipt names one model by digests, and a file that can hold it. Whether the digests are those
// of a file that exists is for a level that sees the file.

#include <bit>
#include <cmath>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bitnet/tensor/ternary_formats.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// A float as "f32:" and its bit pattern, finite and above 0.
void ExpectPositiveFloat(std::string_view path, RuleFacts& facts) {
  const std::string_view text = facts.Text(path);
  uint32_t bits = 0;
  const bool readable = text.size() == 12 && text.substr(0, 4) == "f32:" && IsLowerHex(text.substr(4), 8) &&
                        absl::SimpleHexAtoi(text.substr(4), &bits);
  const float value = std::bit_cast<float>(bits);
  facts.Expect(readable && std::isfinite(value) && value > 0, [&] {
    return absl::StrCat(path, " is \"", text, "\"; expected the bits of a positive number, such as f32:3727c5ac");
  });
}

}  // namespace

CheckResult CheckModel(const AuditInput& input) {
  RuleFacts facts(input);
  for (const char* member : {"file_sha256", "tensor_root", "ternary_digest"}) {
    facts.ExpectDigest(absl::StrCat("/evidence/model/", member));
  }
  facts.ExpectEqual("/model_info/sha256", facts.Text("/model_info/sha256"), facts.Text("/evidence/model/file_sha256"));
  ExpectPositiveFloat("/evidence/model/arch/rms_eps_bits", facts);
  ExpectPositiveFloat("/evidence/model/arch/rope_freq_base_bits", facts);
  const ArchShape arch = ReadArch(facts);
  const uint64_t file_bytes = facts.Uint("/evidence/model/file_bytes");
  const std::string_view type = facts.Text("/model_info/quantization_type");
  const TernaryFormat* format = FindTernaryFormat(type);
  facts.Expect(format != nullptr, [&] {
    return absl::StrCat("/model_info/quantization_type is \"", type, "\", which has no known size");
  });
  if (!facts.ok()) return facts.Result("");

  const double ternary = static_cast<double>(arch.layers) * static_cast<double>(arch.hidden) *
                         (2.0 * static_cast<double>(arch.head_dim) * static_cast<double>(arch.heads + arch.kv_heads) +
                          3.0 * static_cast<double>(arch.ffn));
  const double least = ternary * static_cast<double>(format->bytes) / static_cast<double>(format->bytes_weights);
  facts.Expect(static_cast<double>(file_bytes) >= least, [&] {
    return absl::StrCat("/evidence/model/file_bytes is ", file_bytes, "; expected at least ", std::ceil(least), " for ",
                        ternary, " weights stored as ", type);
  });
  return facts.Result(absl::StrCat("three digests of a file of ", file_bytes, " bytes"));
}

}  // namespace bitnet::verify
