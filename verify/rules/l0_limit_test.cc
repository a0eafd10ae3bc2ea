#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0LimitTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(fill /kernels 256 "k_#")"}, CheckStatus::kPass},
      {{R"(fill /kernels 257 "k_#")"}, CheckStatus::kFail},
      {{R"(fill /evidence/crit 256 "model")"}, CheckStatus::kPass},
      {{R"(fill /evidence/crit 257 "model")"}, CheckStatus::kFail},
      {{R"(fill /evidence/kernel_counts 256 {"id":"k"})"}, CheckStatus::kPass},
      {{R"(fill /evidence/kernel_counts 257 {"id":"k"})"}, CheckStatus::kFail},
      {{R"(fill /evidence/schedule 256 {"kind":"k"})"}, CheckStatus::kPass},
      {{R"(fill /evidence/schedule 257 {"kind":"k"})"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0/id "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"},
       CheckStatus::kPass},
      {{R"(set /kernels/0 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"}, CheckStatus::kPass},
      {{R"(set /kernels/0 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0/id "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"},
       CheckStatus::kFail},
      {{R"(set /notes [[[[[[[]]]]]]])"}, CheckStatus::kPass},
      {{R"(set /notes [[[[[[[[]]]]]]]])"}, CheckStatus::kFail},
      {{"set /notes 1", absl::StrCat("replace \"\\\"notes\\\": 1\" \"\\\"notes\\\": ", std::string(300, '['),
                                     std::string(300, ']'), "\"")},
       CheckStatus::kFail},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckLimit, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(L0LimitTest, WhatIsTooLargeIsNamed) {
  EXPECT_EQ(RunOnEdited(CheckLimit, {R"(fill /evidence/schedule 257 {"kind":"k"})"}).reason,
            "/evidence/schedule has 257 items; at most 256 are allowed");
  const std::string id(65, 'a');
  EXPECT_EQ(RunOnEdited(CheckLimit, {absl::StrCat("set /kernels/1 \"", id, "\"")}).reason,
            "/kernels/1 is 65 bytes long; at most 64 are allowed");
}

TEST(L0LimitTest, SizeIsExact) {
  std::string text = "{}";
  text.resize(kMaxReceiptBytes, ' ');
  EXPECT_EQ(RunCheckOnText(CheckLimit, text).status, CheckStatus::kPass);
  text.push_back(' ');
  EXPECT_EQ(RunCheckOnText(CheckLimit, text).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
