// Every attack of the corpus is stopped, for the reason that it names; every rule stops something that nothing else
// does.

#include "verify/testing/attacks.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "verify/compare/decision.h"
#include "verify/compare/refusals.h"
#include "verify/testing/attack_table.h"
#include "verify/testing/speed_attacks.h"

namespace bitnet::verify {
namespace {

const std::vector<AttackRow>& Rows() {
  static const auto* const kRows = new std::vector<AttackRow>(ReadAttackRows());
  return *kRows;
}

std::string Title(const AttackRow& row) { return absl::StrCat(row.attack_class, " ", row.rule, " ", row.name); }

Attack Made(const AttackRow& row) {
  auto attack = MakeAttack(row);
  EXPECT_TRUE(attack.ok()) << Title(row) << ": " << attack.status();
  return attack.ok() ? *std::move(attack) : Attack{};
}

std::string Blocking(const AuditReport& report) {
  std::string text = std::string(VerdictName(report.verdict));
  for (const CheckReport& check : report.checks) {
    if (!check.blocks) continue;
    absl::StrAppend(&text, "\n  ", check.rule->id, " ", CheckStatusName(check.result.status), ": ",
                    check.result.reason);
  }
  return text;
}

bool NotRun(const CheckReport& check) { return check.result.reason.starts_with("not run"); }

TEST(AttacksTest, EveryAttackOnAReceiptIsStoppedByTheRuleThatItNames) {
  int stopped = 0;
  for (const AttackRow& row : Rows()) {
    if (row.OnSpeeds()) continue;
    Attack attack = Made(row);
    attack.level = std::max(attack.level, Level::kL1);
    const AuditReport report = AuditAttack(attack);
    EXPECT_NE(report.verdict, Verdict::kAccept) << Title(row);
    const auto check = std::ranges::find(report.checks, row.rule, [](const CheckReport& c) { return c.rule->id; });
    ASSERT_NE(check, report.checks.end()) << Title(row);
    EXPECT_TRUE(check->blocks && !NotRun(*check)) << Title(row) << "\n" << Blocking(report);
    ++stopped;
  }
  EXPECT_GE(stopped, 400);
}

TEST(AttacksTest, EveryAttackOnAComparisonIsRefusedForTheReasonThatItNames) {
  int refused = 0;
  for (const AttackRow& row : Rows()) {
    if (!row.OnSpeeds()) continue;
    const auto report = CompareAttack(row, testing::TempDir());
    ASSERT_TRUE(report.ok()) << Title(row) << ": " << report.status();
    EXPECT_EQ(report->verdict, GateVerdict::kRefused) << Title(row);
    std::string found;
    for (const Refusal& refusal : report->refusals) {
      absl::StrAppend(&found, RefusalId(refusal.reason), ": ", refusal.detail, "\n");
    }
    EXPECT_TRUE(absl::StrContains(absl::StrCat("\n", found), absl::StrCat("\n", row.rule, ": "))) << Title(row) << "\n"
                                                                                                  << found;
    ++refused;
  }
  EXPECT_GE(refused, 25);
}

// What those receipts are compared with is in order: without the attack there is a verdict about speed.
TEST(AttacksTest, HonestComparisonsAreNotRefused) {
  AttackRow row;
  row.recipe.base = "pass_honest";
  const auto report = CompareAttack(row, testing::TempDir());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_NE(report->verdict, GateVerdict::kRefused) << report->refusals[0].detail;
  row.recipe.context = {"folder honest"};
  const auto folder = CompareAttack(row, testing::TempDir());
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_NE(folder->verdict, GateVerdict::kRefused) << folder->refusals[0].detail;
}

TEST(AttacksTest, EveryClassHasItsAttacks) {
  std::map<std::string_view, int> counts;
  for (const AttackClass& known : AttackClasses()) counts[known.id] = 0;
  std::set<std::string> titles;
  for (const AttackRow& row : Rows()) {
    ASSERT_TRUE(counts.contains(row.attack_class)) << Title(row) << " has no class (testdata/attacks/classes.txt)";
    ++counts[row.attack_class];
    EXPECT_TRUE(titles.insert(Title(row)).second) << Title(row) << " is there twice";
  }
  EXPECT_EQ(counts.size(), 56u);
  EXPECT_GE(Rows().size(), 300u);
  for (const AttackClass& known : AttackClasses()) {
    EXPECT_TRUE(counts[known.id] >= 5 || !known.InFiles())
        << known.id << ", " << known.title << ", has " << counts[known.id] << " attacks; expected 5";
  }
}

// Rules on what can be read at all: where one fails there is nothing for others to judge, so they are not run. They
// still have attacks that they alone object to.
constexpr std::string_view kNothingLeftToJudge[] = {"L0-JSON", "L3-DSSE", "L3-STATEMENT"};

bool NothingLeft(std::string_view rule) {
  return std::ranges::find(kNothingLeftToJudge, rule) != std::end(kNothingLeftToJudge);
}

// Whether `rule` is all that stands between this attack and ACCEPT. Where a rule on the text fails, the others are not
// run, and say so; after an excepted one they may also have nothing to look at.
bool Alone(const Attack& attack, std::string_view rule) {
  for (const CheckReport& check : AuditAttack(attack).checks) {
    if (check.rule->id == rule) {
      if (!check.blocks) return false;
      continue;
    }
    const CheckStatus status = check.result.status;
    const bool blind = NothingLeft(rule) && (status == CheckStatus::kMissing || status == CheckStatus::kInconclusive);
    if (check.blocks && !NotRun(check) && !blind) return false;
  }
  return NothingLeft(rule) || AuditAttack(attack, rule).verdict == Verdict::kAccept;
}

TEST(AttacksTest, EveryRuleStopsAnAttackThatOnlyItStops) {
  std::map<std::string, std::string> deciding;
  for (const AttackRow& row : Rows()) {
    if (row.OnSpeeds() || deciding.contains(row.rule)) continue;
    if (Alone(Made(row), row.rule)) deciding[row.rule] = row.name;
  }
  for (const RuleInfo& rule : RuleTable()) {
    EXPECT_TRUE(deciding.contains(std::string(rule.id)))
        << "without " << rule.id << " no attack of the corpus would be accepted";
  }
}

// The list of exceptions is no longer than it has to be.
TEST(AttacksTest, WithoutTheExceptedRulesNothingIsAcceptedEither) {
  for (const AttackRow& row : Rows()) {
    if (!NothingLeft(row.rule)) continue;
    EXPECT_NE(AuditAttack(Made(row), row.rule).verdict, Verdict::kAccept)
        << row.rule << " need not be excepted: " << row.name;
  }
}

TEST(AttacksTest, TheDocumentHasTheTable) {
  std::ifstream file("docs/attacks.md");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_TRUE(absl::StrContains(text, AttackTable(Rows())))
      << "docs/attacks.md lacks the table that ./bazelw run //verify/testing:attack_corpus prints";
  EXPECT_TRUE(absl::StrContains(text, absl::StrCat(Rows().size(), " attacks")))
      << "docs/attacks.md does not say that there are " << Rows().size() << " attacks";
}

}  // namespace
}  // namespace bitnet::verify
