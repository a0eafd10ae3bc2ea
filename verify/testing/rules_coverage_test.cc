// A rule is complete or the build is red: file, test, clause, and receipts that pass it and that it refuses. That it also
// stops something that no other rule does is in attacks_test.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "verify/audit.h"
#include "verify/policy.h"
#include "verify/rule.h"
#include "verify/testing/fixtures.h"
#include "verify/testing/receipt_edits.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// "L0-KID-REG" -> "verify/rules/l0_kid_reg"
std::string RuleStem(const RuleInfo& rule) {
  return absl::StrCat("verify/rules/", absl::AsciiStrToLower(absl::StrReplaceAll(rule.id, {{"-", "_"}})));
}

TEST(RulesCoverageTest, EveryRuleHasItsFileTestAndClause) {
  const std::string spec = ReadFile("docs/receipt_spec.md");
  ASSERT_FALSE(spec.empty());
  for (const RuleInfo& rule : RuleTable()) {
    EXPECT_TRUE(std::filesystem::exists(RuleStem(rule) + ".cc")) << RuleStem(rule) << ".cc, for rule " << rule.id;
    EXPECT_TRUE(std::filesystem::exists(RuleStem(rule) + "_test.cc"))
        << RuleStem(rule) << "_test.cc, for rule " << rule.id;
    const std::string heading = absl::StrCat("**", rule.clause, "** (", rule.id, ") ");
    EXPECT_NE(spec.find(heading), std::string::npos)
        << "docs/receipt_spec.md has no clause that begins with " << heading;
  }
}

TEST(RulesCoverageTest, IdsAndClausesAreUnique) {
  std::set<std::string_view> ids;
  std::set<std::string_view> clauses;
  for (const RuleInfo& rule : RuleTable()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_TRUE(clauses.insert(rule.clause).second) << rule.clause;
    EXPECT_TRUE(rule.id.starts_with(LevelName(rule.level))) << rule.id;
    EXPECT_FALSE(rule.title.empty()) << rule.id;
  }
}

// At the highest level, so that every rule is asked.
TEST(RulesCoverageTest, EveryRuleHasReceiptsThatPassAndFailIt) {
  std::map<std::string_view, int> passed;
  std::map<std::string, int> refused;
  for (const Fixture& fixture : ReadFixtures()) {
    if (fixture.name.starts_with("fail_")) ++refused[ExpectedRule(fixture.name)];
    if (!fixture.name.starts_with("pass_")) continue;
    Policy policy = fixture.context.policy;
    policy.min_level = Level::kL4;
    const AuditReport report = AuditReceiptText(fixture.text, policy, TestNow(), fixture.context.artifacts);
    for (const CheckReport& check : report.checks) passed[check.rule->id] += check.result.status == CheckStatus::kPass;
  }
  for (const RuleInfo& rule : RuleTable()) {
    EXPECT_GT(passed[rule.id], 0) << "no testdata/receipts/pass_*.json passes " << rule.id;
    EXPECT_GT(refused[std::string(rule.id)], 0) << "no testdata/receipts/fail_" << rule.id << "_*.json";
  }
}

}  // namespace
}  // namespace bitnet::verify
