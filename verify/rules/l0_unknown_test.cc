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
      {{R"(set /notes "x")"}, CheckStatus::kFail},
      {{R"(set /evidence/notes "x")"}, CheckStatus::kFail},
      {{R"(set /evidence/timing/notes 1)"}, CheckStatus::kFail},
      {{R"(set /evidence/kernel_counts/0/gflops 1)"}, CheckStatus::kFail},
      {{R"(set /performance_baseline/tokens_per_second 200.0)"}, CheckStatus::kFail},
      {{R"(remove /performance_baseline)"}, CheckStatus::kPass},
      {{R"(set /model {"path":"x.gguf"})"}, CheckStatus::kFail},
      {{R"(remove /evidence)", R"(set /notes "x")"}, CheckStatus::kFail},
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

TEST(L0UnknownTest, NamesTheFirstAndCountsTheRest) {
  EXPECT_EQ(RunOnEdited(CheckUnknown, {"set /notes 1", "set /evidence/timing/notes 1"}).reason,
            "/evidence/timing/notes: the schema has no such member (and 1 more)");
}

TEST(L0UnknownTest, NamesAreOfOneAlphabet) {
  const std::string longest(64, 'a');
  for (const std::string& name : {std::string("a"), longest, std::string("A_9")}) {
    EXPECT_EQ(RunOnEdited(CheckUnknown, {"set /environment/" + name + " \"x\""}).status, CheckStatus::kPass) << name;
  }
  for (const std::string& name : {std::string("a-b"), longest + "a", std::string("a.b"), std::string("\xc3\xa9")}) {
    EXPECT_EQ(RunOnEdited(CheckUnknown, {"set /environment/" + name + " \"x\""}).status, CheckStatus::kFail) << name;
  }
}

}  // namespace
}  // namespace bitnet::verify
