#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0DupTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /computePath "real")"}, CheckStatus::kFail},
      {{R"(set /Backend "cpu")"}, CheckStatus::kFail},
      {{R"(set /_backend "cpu")"}, CheckStatus::kFail},
      {{R"(replace "\"OS\"" "\"os\": \"x\", \"OS\"")"}, CheckStatus::kFail},
      {{R"(replace "\"exit\"" "\"\\u0065xit\": 0, \"exit\"")"}, CheckStatus::kFail},
      {{R"(set /back_ends "cpu")"}, CheckStatus::kPass},
      {{R"(suffix "x")"}, CheckStatus::kInconclusive},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckDup, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

}  // namespace
}  // namespace bitnet::verify
