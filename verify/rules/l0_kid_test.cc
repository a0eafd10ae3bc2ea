#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0KidTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /kernels/0 "abc")"}, CheckStatus::kPass},
      {{R"(set /kernels/0 "a_1")"}, CheckStatus::kPass},
      {{R"(set /kernels/0 "zaz")"}, CheckStatus::kPass},
      {{R"(set /kernels/0 "a09")"}, CheckStatus::kPass},
      {{R"(set /kernels/0 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"}, CheckStatus::kPass},
      {{R"(set /kernels/0 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "ab")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "ab`")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "ab{")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "{ab")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "ab/")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "ab:")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "a__b")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "_ab")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "ab_")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "1ab")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "aBc")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "a-b")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "a b")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 " abc")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "a.b")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "ab\u0000")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "ab\u0441")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "abc\u200b")"}, CheckStatus::kFail},
      {{R"(set /kernels/0 "abc\n")"}, CheckStatus::kFail},
      {{R"(set /kernels/1 "embedding_lookup")"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0/id "Abc")"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0/id "rms_norm_f32_avx512")"}, CheckStatus::kFail},
      {{R"(set /kernels [])"}, CheckStatus::kMissing},
      {{R"(remove /kernels)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckKid, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

}  // namespace
}  // namespace bitnet::verify
