// Prints the attack corpus: the table of docs/attacks.md, or with --all every attack.
//
//   ./bazelw run //verify/testing:attack_corpus -- --all

#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verify/testing/attack_table.h"
#include "verify/testing/attacks.h"

int main(int argc, char** argv) {
  using bitnet::verify::AttackRow;
  const bool all = argc == 2 && std::string_view(argv[1]) == "--all";
  if (argc > 1 && !all) {
    std::fprintf(stderr, "usage: attack_corpus [--all]\n");
    return 2;
  }
  const std::vector<AttackRow> rows = bitnet::verify::ReadAttackRows();
  if (!all) {
    std::fputs(bitnet::verify::AttackTable(rows).c_str(), stdout);
  } else {
    for (const AttackRow& row : rows) {
      std::printf("%s %-22s %s\n", row.attack_class.c_str(), row.rule.c_str(), row.name.c_str());
    }
  }
  std::map<std::string, int> rules;
  for (const AttackRow& row : rows) ++rules[row.rule];
  std::fprintf(stderr, "%zu attacks, of %zu classes, on %zu rules\n", rows.size(),
               bitnet::verify::AttackClasses().size(), rules.size());
  return 0;
}
