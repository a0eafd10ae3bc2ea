#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0TypeTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /tokens_generated "128")"}, CheckStatus::kFail},
      {{R"(set /tokens_generated 128.0)"}, CheckStatus::kFail},
      {{R"(set /tokens_per_second 24)"}, CheckStatus::kFail},
      {{R"(set /tokens_per_second 24.0)"}, CheckStatus::kPass},
      {{R"(set /deterministic 1)"}, CheckStatus::kFail},
      {{R"(set /backend null)"}, CheckStatus::kFail},
      {{R"(set /kernels {})"}, CheckStatus::kFail},
      {{R"(set /kernels/1 null)"}, CheckStatus::kFail},
      {{R"(set /environment [])"}, CheckStatus::kFail},
      {{R"(set /environment/OS true)"}, CheckStatus::kFail},
      {{R"(set /evidence/timing [])"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0 "x")"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0/calls "1")"}, CheckStatus::kFail},
      {{R"(set /notes null)"}, CheckStatus::kPass},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckType, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(L0TypeTest, NothingKnownIsNoEvidence) {
  EXPECT_EQ(RunCheckOnText(CheckType, R"({"a": 1})").status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
