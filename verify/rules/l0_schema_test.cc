#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0SchemaTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /schema_version "1.0")"}, CheckStatus::kFail},
      {{R"(set /schema_version "1")"}, CheckStatus::kFail},
      {{R"(set /schema_version "1.0.1")"}, CheckStatus::kFail},
      {{R"(set /schema_version "1.0.0 ")"}, CheckStatus::kFail},
      {{R"(set /schema_version "v1.0.0")"}, CheckStatus::kFail},
      {{R"(set /schema_version "")"}, CheckStatus::kFail},
      {{R"(remove /schema_version)"}, CheckStatus::kFail},
      {{R"(set /evidence/evidence_version "2")"}, CheckStatus::kFail},
      {{R"(set /evidence/evidence_version "1.0")"}, CheckStatus::kFail},
      {{R"(remove /evidence/evidence_version)"}, CheckStatus::kMissing},
      {{R"(remove /evidence)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckSchema, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

}  // namespace
}  // namespace bitnet::verify
