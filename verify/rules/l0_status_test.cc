#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0StatusTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /evidence/outcome/status "failed")"}, CheckStatus::kFail},
      {{R"(set /evidence/outcome/status "aborted")"}, CheckStatus::kFail},
      {{R"(set /evidence/outcome/status "Completed")"}, CheckStatus::kFail},
      {{R"(set /evidence/outcome/status "completed ")"}, CheckStatus::kFail},
      {{R"(set /evidence/outcome/status "")"}, CheckStatus::kFail},
      {{R"(set /evidence/outcome/exit 130)"}, CheckStatus::kFail},
      {{R"(set /evidence/outcome/finish_reason "eos")"}, CheckStatus::kPass},
      {{R"(set /evidence/outcome/finish_reason "stop")"}, CheckStatus::kPass},
      {{R"(set /evidence/outcome/finish_reason "error")"}, CheckStatus::kFail},
      {{R"(remove /evidence/outcome/status)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/outcome/exit)"}, CheckStatus::kMissing},
      {{R"(remove /evidence/outcome/finish_reason)"}, CheckStatus::kMissing},
      {{R"(remove /evidence)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckOutcome, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

}  // namespace
}  // namespace bitnet::verify
