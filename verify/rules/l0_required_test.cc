#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0RequiredTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /tokens_generated null)"}, CheckStatus::kFail},
      {{R"(remove /corrections)"}, CheckStatus::kPass},
      {{R"(remove /evidence)"}, CheckStatus::kMissing},
      {{R"(remove /schema_version)"}, CheckStatus::kFail},
      {{R"(remove /timestamp)"}, CheckStatus::kFail},
      {{R"(remove /compute_path)"}, CheckStatus::kFail},
      {{R"(remove /backend)"}, CheckStatus::kFail},
      {{R"(remove /kernels)"}, CheckStatus::kFail},
      {{R"(remove /deterministic)"}, CheckStatus::kFail},
      {{R"(remove /tokens_requested)"}, CheckStatus::kFail},
      {{R"(remove /tokens_generated)"}, CheckStatus::kFail},
      {{R"(remove /tokens_per_second)"}, CheckStatus::kFail},
      {{R"(remove /environment)"}, CheckStatus::kFail},
      {{R"(remove /model_info)"}, CheckStatus::kFail},
      {{R"(remove /model_info/model_path)"}, CheckStatus::kFail},
      {{R"(remove /model_info/quantization_type)"}, CheckStatus::kFail},
      {{R"(remove /model_info/layers)"}, CheckStatus::kFail},
      {{R"(remove /model_info/hidden_size)"}, CheckStatus::kFail},
      {{R"(remove /model_info/num_attention_heads)"}, CheckStatus::kFail},
      {{R"(remove /model_info/num_key_value_heads)"}, CheckStatus::kFail},
      {{R"(remove /model_info/vocab_size)"}, CheckStatus::kFail},
      {{R"(remove /evidence/evidence_version)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/crit)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/outcome)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/arithmetic)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/model)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/model/file_sha256)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/model/ternary_digest)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/model/arch)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/build)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/build/registry_digest)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/build/kat_digest)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/host)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/host/isa_used)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/host/threads)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/tokens)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/tokens/prompt_ids_digest)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/tokens/output_ids_digest)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/tokens/prompt)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/tokens/generated)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/sampling/mode)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/schedule)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/kernel_counts)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/timing)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/timing/wall_ns)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/perf/status)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckRequired, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

}  // namespace
}  // namespace bitnet::verify
