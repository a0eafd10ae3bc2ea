// Every receipt of testdata/receipts gets the verdict that its name says, for the reason that its name says.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/receipt/json_reader.h"
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

constexpr char kFolder[] = "testdata/receipts";

std::map<std::string, std::string> ReadFolder(std::string_view prefix, std::string_view suffix) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[name.substr(0, name.size() - suffix.size())] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

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

TEST(FixturesTest, HonestReceiptsAreAccepted) {
  const auto files = ReadFolder("pass_", ".json");
  ASSERT_FALSE(files.empty());
  for (const auto& [name, text] : files) {
    const AuditReport report = AuditReceiptText(text, Policy(), TestNow());
    EXPECT_EQ(report.verdict, Verdict::kAccept) << name << ": " << Blocking(report);
  }
}

TEST(FixturesTest, RefusedReceiptsAreRefusedForTheNamedReason) {
  const auto files = ReadFolder("fail_", ".json");
  ASSERT_FALSE(files.empty());
  for (const auto& [name, text] : files) {
    const std::string expected = ExpectedRule(name);
    ASSERT_NE(FindRule(expected), nullptr) << name;
    const AuditReport report = AuditReceiptText(text, Policy(), TestNow());
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
}

TEST(FixturesTest, FilesAreWhatTheGeneratorWrites) {
  std::map<std::string, std::string> expected;
  for (const PassFixture& fixture : PassFixtures()) {
    expected[fixture.name] = WriteReceiptJson(HonestReceipt(fixture.run));
  }
  for (const auto& [table, text] : ReadFolder("edits_", ".txt")) {
    const auto recipes = ParseRecipes(text);
    ASSERT_TRUE(recipes.ok()) << table << ": " << recipes.status();
    for (const FixtureRecipe& recipe : *recipes) {
      ASSERT_TRUE(expected.contains(recipe.base)) << recipe.name;
      const auto made = ApplyEdits(expected[recipe.base], recipe.edits);
      ASSERT_TRUE(made.ok()) << recipe.name << ": " << made.status();
      EXPECT_TRUE(expected.emplace(recipe.name, *made).second) << recipe.name << " is there twice";
    }
  }
  const auto files = ReadFolder("", ".json");
  for (const auto& [name, text] : expected) {
    const auto file = files.find(name);
    EXPECT_TRUE(file != files.end() && file->second == text)
        << name << ".json is out of date; bring all of them up to date with\n"
        << "  ./bazelw run //verify/testing:make_fixtures -- $PWD/testdata/receipts";
  }
  for (const auto& [name, text] : files) EXPECT_TRUE(expected.contains(name)) << name << " has no recipe";
}

// A verifier that takes absence for agreement can be satisfied by leaving things out. Whatever one leaves out of a
// refused receipt, it is not accepted. One receipt per rule; not L0-DUP, where leaving out one of two repairs it.
TEST(FixturesTest, DeletingMembersNeverHelps) {
  // What the schema leaves optional, so that without it the rest is an honest receipt.
  const std::set<std::string> optional = {"/notes", "/backend_summary", "/corrections", "/performance_baseline"};
  std::set<std::string> seen = {"L0-DUP"};
  for (const auto& [name, text] : ReadFolder("fail_", ".json")) {
    const auto root = ParseJsonText(text);
    if (!root.ok() || !root->is_object() || !seen.insert(ExpectedRule(name)).second) continue;
    std::vector<std::string> paths;
    for (const JsonMember& member : root->object()) paths.push_back(ChildPath("", member.name));
    if (const JsonValue* evidence = root->Find("evidence"); evidence != nullptr && evidence->is_object()) {
      for (const JsonMember& member : evidence->object()) paths.push_back(ChildPath("/evidence", member.name));
    }
    for (const std::string& path : paths) {
      if (optional.contains(path)) continue;
      const auto deleted = ApplyEdits(text, {"remove " + path});
      ASSERT_TRUE(deleted.ok()) << deleted.status();
      EXPECT_NE(AuditReceiptText(*deleted, Policy(), TestNow()).verdict, Verdict::kAccept)
          << name << " without " << path;
    }
  }
}

}  // namespace
}  // namespace bitnet::verify
