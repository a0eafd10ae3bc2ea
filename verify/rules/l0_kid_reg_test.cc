#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0KidRegTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /kernels/0 "mock_embedding")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "stub_gemv")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "fake_gemv")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "dummy_gemv")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "placeholder")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "gemv_fallback")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "i2s_dequant")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "fp32_gemv")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "f32_matmul")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "softmax")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "i2s_gemv_avx2")"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0/id "embedding_lookup")"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0/id "embed_f16_scalar")"}, CheckStatus::kPass},
      {{R"(remove /kernels)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckKidReg, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(L0KidRegTest, ForbiddenWordsAreNamed) {
  const CheckResult result = RunOnEdited(CheckKidReg, {"set /kernels/0 \"i2s_qk256_dequant_cpu\""});
  EXPECT_NE(result.reason.find("\"dequant\""), std::string::npos) << result.reason;
}

}  // namespace
}  // namespace bitnet::verify
