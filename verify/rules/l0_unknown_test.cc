#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0UnknownTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /notes "x")"}, CheckStatus::kPass},
      {{R"(set /evidence/notes "x")"}, CheckStatus::kPass},
      {{R"(set /evidence/crit [])"}, CheckStatus::kPass},
      {{R"(set /evidence/crit ["notes"])", R"(set /evidence/notes 1)"}, CheckStatus::kFail},
      {{R"(set /evidence/crit ["model","model"])"}, CheckStatus::kFail},
      {{R"(set /evidence/crit ["model"])", R"(remove /evidence/model)"}, CheckStatus::kFail},
      {{R"(set /evidence/crit ["backend"])"}, CheckStatus::kFail},
      {{R"(remove /evidence)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckUnknown, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(L0UnknownTest, StrictRefusesWhatItDoesNotKnow) {
  Policy strict;
  strict.strict = true;
  EXPECT_EQ(RunOnEdited(CheckUnknown, {}, strict).status, CheckStatus::kPass);
  EXPECT_EQ(RunOnEdited(CheckUnknown, {"set /notes 1"}, strict).status, CheckStatus::kFail);
  EXPECT_EQ(RunOnEdited(CheckUnknown, {"set /evidence/timing/notes 1"}, strict).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
