#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0LegacyTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /kernels ["tl1_gemv"])"}, CheckStatus::kPass},
      {{R"(set /kernels ["tl2_gemv"])"}, CheckStatus::kPass},
      {{R"(set /kernels ["rms_norm","xi2s_gemv"])"}, CheckStatus::kFail},
      {{R"(set /kernels [])"}, CheckStatus::kFail},
      {{R"(set /backend "cuda")", R"(set /kernels [])"}, CheckStatus::kNotApplicable},
      {{R"(remove /backend)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckLegacy, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

}  // namespace
}  // namespace bitnet::verify
