#include "verify/testing/attack_table.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bitnet::verify {
namespace {

constexpr AttackClass kClasses[] = {
#define ATTACK_CLASS(id, title, beyond) {id, title, beyond},
#include "verify/testing/attack_classes.def"
#undef ATTACK_CLASS
};

// "L1-TPS 4, L1-TIME 1"
std::string RulesOf(std::string_view attack_class, const std::vector<AttackRow>& rows) {
  std::map<std::string_view, int> counts;
  for (const AttackRow& row : rows) counts[row.rule] += row.attack_class == attack_class ? 1 : 0;
  std::vector<std::pair<std::string_view, int>> rules(counts.begin(), counts.end());
  std::erase_if(rules, [](const auto& rule) { return rule.second == 0; });
  std::stable_sort(rules.begin(), rules.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return absl::StrJoin(rules, ", ",
                       [](std::string* out, const auto& rule) { absl::StrAppend(out, rule.first, " ", rule.second); });
}

}  // namespace

std::span<const AttackClass> AttackClasses() { return kClasses; }

std::string AttackTable(const std::vector<AttackRow>& rows) {
  std::string table = "| class | attack | in the corpus | stopped by | beyond the corpus |\n|---|---|---|---|---|\n";
  for (const AttackClass& row : kClasses) {
    const auto count = std::ranges::count(rows, row.id, &AttackRow::attack_class);
    absl::StrAppend(&table, "| ", row.id, " | ", row.title, " | ", count, " | ", RulesOf(row.id, rows), " | ",
                    row.beyond, " |\n");
  }
  return table;
}

}  // namespace bitnet::verify
