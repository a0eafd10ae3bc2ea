// L0-REQUIRED (RS-008): members without which a receipt says nothing. What schema 1.0.0 demands makes a text without
// it no receipt (FAIL); what `evidence` demands makes the claim uncheckable (MISSING).

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

constexpr std::string_view kSchemaMembers[] = {
    "/schema_version",
    "/timestamp",
    "/compute_path",
    "/backend",
    "/kernels",
    "/deterministic",
    "/tokens_requested",
    "/tokens_generated",
    "/tokens_per_second",
    "/environment",
    "/model_info/model_path",
    "/model_info/quantization_type",
    "/model_info/layers",
    "/model_info/hidden_size",
    "/model_info/num_attention_heads",
    "/model_info/num_key_value_heads",
    "/model_info/vocab_size",
};

constexpr std::string_view kEvidenceMembers[] = {
    "/evidence/evidence_version",
    "/evidence/crit",
    "/evidence/outcome/status",
    "/evidence/arithmetic/profile",
    "/evidence/model/file_sha256",
    "/evidence/model/ternary_digest",
    "/evidence/model/arch/activation",
    "/evidence/model/arch/sub_norms",
    "/evidence/model/arch/tied_embeddings",
    "/evidence/model/arch/rope_form",
    "/evidence/build/registry_digest",
    "/evidence/build/kat_digest",
    "/evidence/host/isa_used",
    "/evidence/host/threads",
    "/evidence/tokens/prompt_ids_digest",
    "/evidence/tokens/output_ids_digest",
    "/evidence/tokens/prompt",
    "/evidence/tokens/generated",
    "/evidence/sampling/mode",
    "/evidence/schedule",
    "/evidence/kernel_counts",
    "/evidence/timing/wall_ns",
    "/evidence/perf/status",
};

std::vector<std::string_view> Absent(const JsonValue& json, std::span<const std::string_view> paths) {
  std::vector<std::string_view> absent;
  for (const std::string_view path : paths) {
    const JsonValue* value = json.AtPath(path);
    if (value == nullptr || value->is_null()) absent.push_back(path);
  }
  return absent;
}

}  // namespace

CheckResult CheckRequired(const AuditInput& input) {
  const JsonValue& json = *input.document.json;
  if (const auto absent = Absent(json, kSchemaMembers); !absent.empty()) {
    return Fail(absl::StrCat("schema 1.0.0 requires ", absl::StrJoin(absent, " ")));
  }
  if (json.Find("evidence") == nullptr) return Missing("/evidence is absent: a bare claim, nothing to check it by");
  if (const auto absent = Absent(json, kEvidenceMembers); !absent.empty()) {
    return Missing(absl::StrCat("evidence 1 requires ", absl::StrJoin(absent, " ")));
  }
  const size_t count = std::size(kSchemaMembers) + std::size(kEvidenceMembers);
  return Pass(count, absl::StrCat("all ", count, " required members are there"));
}

}  // namespace bitnet::verify
