#include "verify/testing/attacks.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/rule.h"
#include "verify/testing/fixtures.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/named_run.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

constexpr char kFolder[] = "testdata/attacks";

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> AttackTables() {
  std::map<std::string, std::string> tables;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("attacks_") && name.ends_with(".txt")) tables[name] = ReadFile(entry.path());
  }
  std::vector<std::string> texts;
  for (auto& [name, text] : tables) texts.push_back(std::move(text));
  return texts;
}

// Beginnings of fixture names, without "fail_", and their classes.
std::map<std::string, std::string> ReadClasses() {
  std::map<std::string, std::string> classes;
  for (const std::string_view line : absl::StrSplit(ReadFile(absl::StrCat(kFolder, "/classes.txt")), '\n')) {
    const std::vector<std::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.empty() || words[0].starts_with('#')) continue;
    for (size_t i = 1; i < words.size(); ++i) {
      CHECK(classes.emplace(words[i], words[0]).second) << "testdata/attacks/classes.txt has " << words[i] << " twice";
    }
  }
  return classes;
}

// The class of the longest beginning that fits.
std::string ClassOf(std::string_view fixture, const std::map<std::string, std::string>& classes) {
  std::string_view longest;
  std::string found;
  for (const auto& [beginning, attack_class] : classes) {
    if (!fixture.starts_with(beginning) || beginning.size() <= longest.size()) continue;
    longest = beginning;
    found = attack_class;
  }
  return found;
}

// The texts of testdata/receipts by name.
const std::map<std::string, std::string>& FixtureTexts() {
  static const auto* const kTexts = [] {
    auto* texts = new std::map<std::string, std::string>;
    for (Fixture& fixture : ReadFixtures()) (*texts)[fixture.name] = std::move(fixture.text);
    return texts;
  }();
  return *kTexts;
}

absl::StatusOr<std::string> BaseText(std::string_view base) {
  if (absl::ConsumePrefix(&base, "text ")) {
    BITNET_ASSIGN_OR_RETURN(const JsonValue text, ParseJsonText(base));
    if (!text.is_string()) return absl::InvalidArgumentError("a base `text` is one JSON string");
    return text.string();
  }
  if (base.starts_with("run ")) {
    BITNET_ASSIGN_OR_RETURN(const HonestRun run, FindHonestRun(base));
    return WriteReceiptJson(HonestReceipt(run));
  }
  const auto found = FixtureTexts().find(std::string(base));
  if (found == FixtureTexts().end()) return absl::NotFoundError(absl::StrCat("no fixture \"", base, "\""));
  return found->second;
}

}  // namespace

std::vector<AttackRow> ReadAttackRows() {
  std::vector<AttackRow> rows;
  const std::map<std::string, std::string> classes = ReadClasses();
  for (const std::string& table : ReadEditTables()) {
    auto recipes = ParseRecipes(table);
    CHECK_OK(recipes.status());
    for (FixtureRecipe& recipe : *recipes) {
      const std::string rule = ExpectedRule(recipe.name);
      if (rule.empty()) continue;
      const std::string_view fixture = absl::StripPrefix(recipe.name, "fail_");
      std::string name = absl::StrReplaceAll(fixture.substr(rule.size() + 1), {{"_", " "}});
      rows.push_back({ClassOf(fixture, classes), rule, std::move(name), std::move(recipe)});
    }
  }
  for (const std::string& table : AttackTables()) {
    auto recipes = ParseRecipes(table);
    CHECK_OK(recipes.status());
    for (FixtureRecipe& recipe : *recipes) {
      const std::vector<std::string> parts = absl::StrSplit(recipe.name, absl::MaxSplits(' ', 2));
      CHECK_EQ(parts.size(), 3u) << recipe.name << ": expected a class, a rule and a name";
      rows.push_back({parts[0], parts[1], parts[2], std::move(recipe)});
    }
  }
  return rows;
}

absl::StatusOr<Attack> MakeAttack(const AttackRow& row) {
  const RuleInfo* rule = FindRule(row.rule);
  if (rule == nullptr) return absl::NotFoundError(absl::StrCat("no rule ", row.rule));
  Attack attack;
  attack.level = rule->level;
  BITNET_ASSIGN_OR_RETURN(attack.context, MakeFixtureContext(row.recipe.context));
  BITNET_ASSIGN_OR_RETURN(attack.text, BaseText(row.recipe.base));
  if (row.recipe.edits.empty()) return attack;
  const std::optional<Commitment>& commitment = attack.context.artifacts.commitment;
  BITNET_ASSIGN_OR_RETURN(attack.text, ApplyEdits(attack.text, row.recipe.edits, commitment ? &*commitment : nullptr));
  return attack;
}

AuditReport AuditAttack(const Attack& attack, std::string_view without) {
  Policy policy = attack.context.policy;
  policy.min_level = attack.level;
  std::vector<RuleInfo> rules(RuleTable().begin(), RuleTable().end());
  std::erase_if(rules, [&](const RuleInfo& rule) { return rule.id == without; });
  AuditReport report = AuditWithRules(rules, attack.text, policy, TestNow(), attack.context.artifacts);
  for (CheckReport& check : report.checks) check.rule = FindRule(check.rule->id);  // `rules` ends here
  return report;
}

}  // namespace bitnet::verify
