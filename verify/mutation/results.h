// What became of each mutant: kept in a file while a run goes on, reviewed against the list of equivalent ones, summed
// up.

#ifndef VERIFY_MUTATION_RESULTS_H_
#define VERIFY_MUTATION_RESULTS_H_

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/receipt/json_value.h"
#include "verify/mutation/tree.h"

namespace bitnet::mutation {

enum class Fate : uint8_t {
  kKilled,
  kSurvived,
  kUnreached,      // no test comes by: survived
  kEquivalent,     // survived, and the reviewed list says that no test can tell
  kNotApplicable,  // no mutant: the types leave nothing to change
  kPending,
};

struct Outcome {
  Fate fate = Fate::kPending;
  std::string by;  // the test that killed it; for an equivalent one the reason
};

// One line of equivalent.txt: path | source line | change | reason. A source line is given without the spaces around
// it, so that an entry holds until the line itself changes.
struct Equivalent {
  std::string path, source_line, change, reason;
};

// Lines that begin with # and empty ones are comments. InvalidArgument names a line that has not four parts.
absl::StatusOr<std::vector<Equivalent>> ParseEquivalents(std::string_view text);

// The outcomes of a run that may have been cut, in a file of lines "digest id fate by". What belongs to a file of
// another digest is forgotten, for its ids mean other mutants now.
class ResultsFile {
 public:
  static absl::StatusOr<ResultsFile> Open(const std::filesystem::path& path, const std::vector<MutatedFile>& files,
                                          bool keep_survivors);

  // Pending when there is none.
  Outcome Find(uint64_t id) const;
  // Appends and flushes.
  absl::Status Add(const MutatedFile& file, uint64_t id, const Outcome& outcome);

 private:
  std::map<uint64_t, Outcome> outcomes_;
  std::ofstream out_;
};

struct Judged {
  const MutatedFile* file;
  const Mutant* mutant;
  Outcome outcome;
};

struct Tally {
  int mutants = 0;  // that count: killed, survived and unreached
  int killed = 0;
  int equivalent = 0;
  double percent() const { return mutants == 0 ? 100 : 100.0 * killed / mutants; }
};

Tally TallyOf(const std::vector<Judged>& judged);

// Turns survivors that the list names into equivalent ones. Returns the entries that name no survivor, as lines for
// people: what was killed or is no longer there has no place on the list.
std::vector<std::string> ApplyEquivalents(const std::vector<Equivalent>& equivalents, std::vector<Judged>& judged);

// Totals, classes, files, survivors.
std::string TextSummary(const std::vector<Judged>& judged, int dropped);
JsonValue JsonSummary(const std::vector<Judged>& judged, int dropped);

}  // namespace bitnet::mutation

#endif  // VERIFY_MUTATION_RESULTS_H_
