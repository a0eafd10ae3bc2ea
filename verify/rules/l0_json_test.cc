#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0JsonTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(suffix " ")"}, CheckStatus::kPass},
      {{R"(prefix "\ufeff")"}, CheckStatus::kFail},
      {{R"(suffix "x")"}, CheckStatus::kFail},
      {{R"(suffix "\u0000")"}, CheckStatus::kFail},
      {{R"(prefix "[")", R"(suffix "]")"}, CheckStatus::kFail},
      {{R"(bytes "real" ff)"}, CheckStatus::kFail},
      {{R"(replace "\"real\"" "\"re\\udc00\"")"}, CheckStatus::kFail},
      {{R"(replace "\"real\"" "\"\\ud83d\\ude00\"")"}, CheckStatus::kPass},
      {{R"(replace "{" "[" )"}, CheckStatus::kFail},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckJson, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(L0JsonTest, ScalarsAreNoReceipt) {
  for (const char* text : {"", " ", "null", "1", "\"receipt\"", "[]", "{", "{}{}"}) {
    EXPECT_EQ(RunCheckOnText(CheckJson, text).status, CheckStatus::kFail) << text;
  }
  EXPECT_EQ(RunCheckOnText(CheckJson, "{}").status, CheckStatus::kPass);
}

}  // namespace
}  // namespace bitnet::verify
