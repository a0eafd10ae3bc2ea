#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0VacuousTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /tokens_per_second 0.0)"}, CheckStatus::kFail},
      {{R"(set /tokens_per_second 0.0)", R"(set /evidence/perf/status "not_measured")"}, CheckStatus::kPass},
      {{R"(set /tokens_generated 0)"}, CheckStatus::kFail},
      {{R"(remove /tokens_generated)"}, CheckStatus::kMissing},
      {{R"(remove /tokens_per_second)"}, CheckStatus::kMissing},
      {{R"(remove /evidence)", R"(set /tokens_per_second 0.0)"}, CheckStatus::kFail},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckVacuous, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(L0VacuousTest, ThePolicySetsTheMinimum) {
  Policy policy;
  policy.min_tokens = 128;
  EXPECT_EQ(RunOnEdited(CheckVacuous, {}, policy).status, CheckStatus::kPass);
  policy.min_tokens = 129;
  EXPECT_EQ(RunOnEdited(CheckVacuous, {}, policy).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
