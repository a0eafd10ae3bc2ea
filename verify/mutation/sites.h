// Mutants of one source: where, what, and the edits that put all of them in at once. See docs/mutation.md for the list
// of operators.

#ifndef VERIFY_MUTATION_SITES_H_
#define VERIFY_MUTATION_SITES_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verify/mutation/vocabulary.h"

namespace bitnet::mutation {

// What the mutant tests the tests of; each is counted apart.
enum class MutantClass : uint8_t {
  kComparison,  // verify/compare
  kExitCode,    // what decides the verdict and the exit code: main.cc, audit.cc, functions called ...ExitCode
  kThreshold,   // order relations outside of loop headers, and the numbers they compare with; policies
  kOther,
};
inline constexpr MutantClass kMutantClasses[] = {MutantClass::kComparison, MutantClass::kExitCode,
                                                 MutantClass::kThreshold, MutantClass::kOther};

std::string_view MutantClassName(MutantClass mutant_class);  // "comparison"

struct Mutant {
  uint64_t id;
  int line;                 // of the original, from 1
  std::string change;       // "<= becomes <"; with "(2)" and so on when the line has that change more than once
  std::string source_line;  // without the spaces around it
  MutantClass mutant_class;
};

// In front of `at` in the original source. Of those at one place, what closes comes first, and then what opens, each in
// the order of nesting.
struct Edit {
  size_t at;
  size_t remove;  // this many bytes, of an operator
  std::string text;
  bool closes;
  size_t partner;  // where the other end is
};

struct MutatedSource {
  std::vector<Mutant> mutants;
  std::vector<Edit> edits;
  int dropped = 0;  // places left out because of `skipped_lines`
};

// The first id of a path: a hash in the upper bits, so that ids stay what they are when other files change.
uint64_t FirstMutantId(std::string_view path);

// `path` is relative to the workspace. Places that begin in `skipped_lines` are left as they are: a compiler refused
// what became of them.
MutatedSource FindMutants(std::string_view path, std::string_view text, const Vocabulary& vocabulary,
                          const std::set<int>& skipped_lines);

// `text` with the edits made.
std::string ApplyEdits(std::string_view text, const std::vector<Edit>& edits);

}  // namespace bitnet::mutation

#endif  // VERIFY_MUTATION_SITES_H_
