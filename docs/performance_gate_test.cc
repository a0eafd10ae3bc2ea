// The tables of performance_gate.md are those of the code: every refusal and every verdict, with its sentence.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "docs/markdown.h"
#include "gtest/gtest.h"
#include "verify/compare/comparison_report.h"
#include "verify/compare/refusals.h"

namespace bitnet::docs {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows Documented(std::string_view heading) {
  return TableRows(Section(ReadDocument("docs/performance_gate.md"), heading));
}

TEST(PerformanceGateTest, EveryRefusalIsDocumented) {
  Rows rows;
  for (const verify::RefusalReason reason : verify::AllRefusalReasons()) {
    rows.push_back({absl::StrCat("`", verify::RefusalId(reason), "`"), std::string(verify::RefusalNeed(reason))});
  }
  EXPECT_EQ(Documented("## Refusals"), rows);
}

TEST(PerformanceGateTest, EveryVerdictIsDocumentedInTheWordsOfTheReport) {
  Rows rows;
  for (const verify::GateVerdict verdict : {verify::GateVerdict::kPass, verify::GateVerdict::kFail,
                                            verify::GateVerdict::kInconclusive, verify::GateVerdict::kRefused}) {
    rows.push_back({std::string(verify::GateVerdictName(verdict)), absl::StrCat(verify::GateVerdictExitCode(verdict)),
                    std::string(verify::GateVerdictMeaning(verdict))});
  }
  EXPECT_EQ(Documented("## Verdicts"), rows);
}

}  // namespace
}  // namespace bitnet::docs
