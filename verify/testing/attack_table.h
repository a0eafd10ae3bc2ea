// Classes of attacks, and the table of docs/attacks.md.

#ifndef VERIFY_TESTING_ATTACK_TABLE_H_
#define VERIFY_TESTING_ATTACK_TABLE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verify/testing/attacks.h"

namespace bitnet::verify {

struct AttackClass {
  std::string_view id;     // "T17"
  std::string_view title;  // Markdown
  std::string_view beyond;
  bool InFiles() const { return !beyond.starts_with("Not in files"); }
};

std::span<const AttackClass> AttackClasses();  // attack_classes.def

// A row for each class: attacks in the corpus, and by which rules they are stopped, the most frequent first. Markdown.
std::string AttackTable(const std::vector<AttackRow>& rows);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_ATTACK_TABLE_H_
