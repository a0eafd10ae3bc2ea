// The attack corpus: every refused fixture and every row of testdata/attacks, each with the class of docs/attacks.md
// that it belongs to and the rule that must stop it. Attacks on one receipt are audited; attacks on a comparison of
// speeds (rules L5-...) are compared.

#ifndef VERIFY_TESTING_ATTACKS_H_
#define VERIFY_TESTING_ATTACKS_H_

#include <string>
#include <string_view>
#include <vector>

#include "verify/audit.h"
#include "verify/testing/fixture_context.h"
#include "verify/testing/receipt_edits.h"

namespace bitnet::verify {

// One row. The recipe's base is a fixture, "run ..." (named_run.h), or "text" and a JSON string that is the whole text.
struct AttackRow {
  std::string attack_class;  // "T17"
  std::string rule;          // "L1-TPS"
  std::string name;          // "rate typed up by a quarter"
  FixtureRecipe recipe;
  bool OnSpeeds() const { return rule.starts_with("L5-"); }
};

// Those of testdata/receipts/edits_*.txt, with the classes of testdata/attacks/classes.txt, and those of
// testdata/attacks/attacks_*.txt, whose rows begin with "class rule name". CHECKs that all can be read.
std::vector<AttackRow> ReadAttackRows();

// A text and what it is audited with.
struct Attack {
  std::string text;
  FixtureContext context;
  Level level;  // that of its rule
};

// For rows that are not OnSpeeds.
absl::StatusOr<Attack> MakeAttack(const AttackRow& row);

// At the attack's level; with `without` as if that rule did not exist.
AuditReport AuditAttack(const Attack& attack, std::string_view without = "");

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_ATTACKS_H_
