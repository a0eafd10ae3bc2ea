// Every receipt of testdata/receipts gets the verdict that its name says, for the reason that its name says.

#include "verify/testing/fixtures.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/receipt/json_writer.h"
#include "gtest/gtest.h"
#include "verify/audit.h"
#include "verify/policy.h"
#include "verify/rule.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/pass_fixtures.h"
#include "verify/testing/receipt_edits.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

// "L0-PATH FAIL: /compute_path is ..." for everything that kept the receipt from being accepted.
std::string Blocking(const AuditReport& report) {
  std::string text = std::string(VerdictName(report.verdict));
  for (const CheckReport& check : report.checks) {
    if (check.blocks) {
      absl::StrAppend(&text, "\n  ", check.rule->id, " ", CheckStatusName(check.result.status), ": ",
                      check.result.reason);
    }
  }
  return text;
}

// At the level of the rule, or at L1 when that is more.
AuditReport Audit(const Fixture& fixture, std::string_view text, Level level) {
  Policy policy = fixture.context.policy;
  policy.min_level = std::max(level, Level::kL1);
  return AuditReceiptText(text, policy, TestNow(), fixture.context.artifacts);
}

TEST(FixturesTest, HonestReceiptsAreAccepted) {
  int bare = 0;
  int signed_ones = 0;
  for (const Fixture& fixture : ReadFixtures()) {
    if (!fixture.name.starts_with("pass_")) continue;
    const bool is_signed = attest::LooksLikeBundle(fixture.text);
    ++(is_signed ? signed_ones : bare);
    const AuditReport report = Audit(fixture, fixture.text, is_signed ? Level::kL3 : Level::kL1);
    EXPECT_EQ(report.verdict, Verdict::kAccept) << fixture.name << ": " << Blocking(report);
  }
  EXPECT_GT(bare, 0);
  EXPECT_GT(signed_ones, 0);
}

// A receipt without an envelope is never accepted by who demands one, however good it is, and an envelope never by who
// trusts no key.
TEST(FixturesTest, LevelL3NeedsAnEnvelopeAndAKey) {
  for (const Fixture& fixture : ReadFixtures()) {
    if (!fixture.name.starts_with("pass_")) continue;
    Policy policy = fixture.context.policy;
    policy.min_level = Level::kL3;
    if (attest::LooksLikeBundle(fixture.text)) policy.keys.clear();
    // The model file of the context is that of most of them.
    Artifacts artifacts = fixture.context.artifacts;
    if (fixture.name == "pass_llama" || fixture.name == "pass_tiny_scalar") artifacts.model.reset();
    EXPECT_EQ(AuditReceiptText(fixture.text, policy, TestNow(), artifacts).verdict, Verdict::kUnverifiable)
        << fixture.name;
  }
}

// A replay needs no signature, unless someone is trusted to give one.
TEST(FixturesTest, LevelL4NeedsAnEnvelopeOnlyWhereKeysAreTrusted) {
  int replayed = 0;
  for (const Fixture& fixture : ReadFixtures()) {
    if (fixture.name != "pass_committed") continue;
    Policy policy;
    policy.min_level = Level::kL4;
    Artifacts artifacts = fixture.context.artifacts;
    artifacts.challenge.reset();
    artifacts.ledger = nullptr;
    const AuditReport report = AuditReceiptText(fixture.text, policy, TestNow(), artifacts);
    EXPECT_EQ(report.verdict, Verdict::kAccept) << Blocking(report);
    artifacts.challenge = fixture.context.artifacts.challenge;
    EXPECT_EQ(AuditReceiptText(fixture.text, policy, TestNow(), artifacts).verdict, Verdict::kUnverifiable);
    artifacts.challenge.reset();
    policy.keys = fixture.context.policy.keys;
    EXPECT_EQ(AuditReceiptText(fixture.text, policy, TestNow(), artifacts).verdict, Verdict::kUnverifiable);
    ++replayed;
  }
  EXPECT_EQ(replayed, 1);
}

TEST(FixturesTest, RefusedReceiptsAreRefusedForTheNamedReason) {
  int refused = 0;
  for (const Fixture& fixture : ReadFixtures()) {
    const std::string& name = fixture.name;
    if (!name.starts_with("fail_")) continue;
    ++refused;
    const std::string expected = ExpectedRule(name);
    const RuleInfo* rule = FindRule(expected);
    ASSERT_NE(rule, nullptr) << name;
    const AuditReport report = Audit(fixture, fixture.text, rule->level);
    EXPECT_NE(report.verdict, Verdict::kAccept) << name;
    const auto check = std::ranges::find(report.checks, expected, [](const CheckReport& c) { return c.rule->id; });
    ASSERT_NE(check, report.checks.end()) << name;
    EXPECT_TRUE(check->result.status == CheckStatus::kFail || check->result.status == CheckStatus::kMissing)
        << name << ": " << expected << " is " << CheckStatusName(check->result.status) << "\n"
        << Blocking(report);
    if (check->result.status == CheckStatus::kMissing) {
      EXPECT_EQ(check->result.reason.find("not run"), std::string::npos) << name << ": " << Blocking(report);
    }
    EXPECT_TRUE(check->blocks) << name;
  }
  EXPECT_GT(refused, 0);
}

TEST(FixturesTest, FilesAreWhatTheGeneratorWrites) {
  std::map<std::string, std::string> expected;
  for (const PassFixture& fixture : PassFixtures()) {
    expected[fixture.name] = WriteReceiptJson(HonestReceipt(fixture.run));
  }
  for (const std::string& table : ReadEditTables()) {
    const auto recipes = ParseRecipes(table);
    ASSERT_TRUE(recipes.ok()) << recipes.status();
    for (const FixtureRecipe& recipe : *recipes) {
      ASSERT_TRUE(expected.contains(recipe.base)) << recipe.name;
      const auto made = ApplyEdits(expected[recipe.base], recipe.edits);
      ASSERT_TRUE(made.ok()) << recipe.name << ": " << made.status();
      EXPECT_TRUE(expected.emplace(recipe.name, *made).second) << recipe.name << " is there twice";
    }
  }
  std::map<std::string, std::string> files;
  for (Fixture& fixture : ReadFixtures()) files[fixture.name] = std::move(fixture.text);
  for (const auto& [name, text] : expected) {
    const auto file = files.find(name);
    EXPECT_TRUE(file != files.end() && file->second == text)
        << name << ".json is out of date; bring all of them up to date with\n"
        << "  ./bazelw run //verify/testing:make_fixtures -- $PWD/testdata/receipts";
  }
  for (const auto& [name, text] : files) EXPECT_TRUE(expected.contains(name)) << name << " has no recipe";
}

}  // namespace
}  // namespace bitnet::verify
