#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0TimeTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /timestamp "2026-11-22T00:05:00Z")"}, CheckStatus::kPass},
      {{R"(set /timestamp "2026-11-22T00:00:00.123456789+00:00")"}, CheckStatus::kPass},
      {{R"(set /timestamp "2026-11-22T00:00:00.1Z")"}, CheckStatus::kPass},
      {{R"(set /timestamp "2026-11-21T19:30:00-04:30")"}, CheckStatus::kPass},
      {{R"(set /timestamp "2026-01-01T00:00:00Z")"}, CheckStatus::kPass},
      {{R"(set /timestamp "2026-11-22T00:05:01Z")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2025-12-31T23:59:59.999Z")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-11-21")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-11-21T00:00:00")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-11-21t00:00:00z")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-11-21T00:00:00.Z")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-11-21T00:00:00.1234567890Z")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-13-01T00:00:00Z")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-02-30T00:00:00Z")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-11-21T00:00:00+0000")"}, CheckStatus::kFail},
      {{R"(set /timestamp "2026-11-21T00:00:00Z ")"}, CheckStatus::kFail},
      {{R"(set /timestamp "now")"}, CheckStatus::kFail},
      {{R"(set /timestamp "")"}, CheckStatus::kFail},
      {{R"(remove /timestamp)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckTimestamp, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(L0TimeTest, ThePolicyDecides) {
  Policy policy;
  policy.max_clock_skew = absl::Hours(1);
  policy.not_before = absl::FromUnixSeconds(0);
  EXPECT_EQ(RunOnEdited(CheckTimestamp, {"set /timestamp \"2026-11-22T00:59:59Z\""}, policy).status,
            CheckStatus::kPass);
  EXPECT_EQ(RunOnEdited(CheckTimestamp, {"set /timestamp \"1999-01-01T00:00:00Z\""}, policy).status,
            CheckStatus::kPass);
}

}  // namespace
}  // namespace bitnet::verify
