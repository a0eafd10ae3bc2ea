#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0NumTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /tokens_generated 9007199254740991)"}, CheckStatus::kPass},
      {{R"(set /tokens_generated 9007199254740992)"}, CheckStatus::kFail},
      {{R"(set /notes -9007199254740991)"}, CheckStatus::kPass},
      {{R"(set /notes -9007199254740992)"}, CheckStatus::kFail},
      {{R"(set /notes 18446744073709551615)"}, CheckStatus::kFail},
      {{R"(set /tokens_generated -1)"}, CheckStatus::kFail},
      {{R"(set /tokens_per_second -1.5)"}, CheckStatus::kFail},
      {{R"(set /notes 0.1)"}, CheckStatus::kPass},
      {{R"(set /notes 0.5)", R"(replace "\"notes\": 0.5" "\"notes\": 0.1000000000000000055")"}, CheckStatus::kFail},
      {{R"(set /notes 0.5)", R"(replace "\"notes\": 0.5" "\"notes\": 1.5E+3")"}, CheckStatus::kPass},
      {{R"(set /notes 0.5)", R"(replace "\"notes\": 0.5" "\"notes\": 1e400")"}, CheckStatus::kFail},
      {{R"(set /notes 0.5)", R"(replace "\"notes\": 0.5" "\"notes\": 1e-400")"}, CheckStatus::kFail},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckNum, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(L0NumTest, NoNumberIsNoEvidence) { EXPECT_EQ(RunCheckOnText(CheckNum, "{}").status, CheckStatus::kMissing); }

}  // namespace
}  // namespace bitnet::verify
