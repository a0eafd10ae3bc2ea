#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/edited_receipt.h"

namespace bitnet::verify {
namespace {

TEST(L0FlagsTest, Cases) {
  const struct {
    std::vector<std::string> edits;
    CheckStatus status;
  } kCases[] = {
      {{}, CheckStatus::kPass},
      {{R"(set /environment/BITNET_SEED "42")"}, CheckStatus::kPass},
      {{R"(set /environment/CPU_BRAND "Dummy Load 9000")"}, CheckStatus::kPass},
      {{R"(set /environment/BITNET_SEED "9007199254740991")"}, CheckStatus::kPass},
      {{R"(set /environment/BITNET_SEED "-1")"}, CheckStatus::kFail},
      {{R"(set /environment/BITNET_SEED "random")"}, CheckStatus::kFail},
      {{R"(set /environment/BITNET_SEED " 7")"}, CheckStatus::kFail},
      {{R"(set /environment/BITNET_DETERMINISTIC "1")"}, CheckStatus::kPass},
      {{R"(set /environment/BITNET_DETERMINISTIC "yes")"}, CheckStatus::kFail},
      {{R"(set /environment/BITNET_STRICT_MODE "0")"}, CheckStatus::kPass},
      {{R"(set /environment/BITNET_STRICT_MODE "")"}, CheckStatus::kFail},
      {{R"(set /environment/BITNET_VERSION "1.0-mock")"}, CheckStatus::kFail},
      {{R"(set /environment/LD_PRELOAD "")"}, CheckStatus::kPass},
      {{R"(set /environment/LD_PRELOAD "libfaketime.so.1")"}, CheckStatus::kFail},
      {{R"(set /environment/LD_LIBRARY_PATH "")"}, CheckStatus::kFail},
      {{R"(set /environment/os "linux")"}, CheckStatus::kFail},
      {{R"(set /environment/BITNET_ALLOW_MOCK "0")"}, CheckStatus::kFail},
      {{R"(set /environment/bitnet_allow_mock "1")"}, CheckStatus::kFail},
      {{R"(set /environment/BITNET_SKIP_KAT "1")"}, CheckStatus::kFail},
      {{R"(set /environment/BITNET_ARGS "infer --Mock")"}, CheckStatus::kFail},
      {{R"(set /environment/USE_STUB "1")"}, CheckStatus::kFail},
      {{R"(set /backend_summary "cpu, as fallback")"}, CheckStatus::kFail},
      {{R"(set /corrections ["x"])"}, CheckStatus::kFail},
      {{R"(remove /corrections)"}, CheckStatus::kPass},
      {{R"(set /environment {})"}, CheckStatus::kMissing},
      {{R"(remove /environment)"}, CheckStatus::kMissing},
  };
  for (const auto& [edits, status] : kCases) {
    const CheckResult result = RunOnEdited(CheckFlags, edits);
    EXPECT_EQ(CheckStatusName(result.status), CheckStatusName(status))
        << (edits.empty() ? "unedited" : edits[0]) << ": " << result.reason;
    EXPECT_TRUE(result.status != CheckStatus::kPass || result.evidence > 0) << "a pass without evidence";
    EXPECT_FALSE(result.reason.empty());
  }
}

}  // namespace
}  // namespace bitnet::verify
