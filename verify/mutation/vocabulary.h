// Names of the tree that the mutator must know the kind of: enumerations and numeric constants.

#ifndef VERIFY_MUTATION_VOCABULARY_H_
#define VERIFY_MUTATION_VOCABULARY_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verify/mutation/context.h"

namespace bitnet::mutation {

struct Vocabulary {
  // Enumerators of each enum class, in order. A name that two enumerations share has none.
  std::map<std::string, std::vector<std::string>, std::less<>> enums;
  std::set<std::string, std::less<>> numbers;  // constants kName of arithmetic type, whatever file defines them
  std::set<std::string, std::less<>> others;   // constants kName of other types

  // Adds what `source` defines.
  void Learn(const Source& source);
};

// What `name` is in a source that defines the constants of `own`: its own definition goes first.
bool IsNumber(std::string_view name, const Vocabulary& own, const Vocabulary& all);

}  // namespace bitnet::mutation

#endif  // VERIFY_MUTATION_VOCABULARY_H_
