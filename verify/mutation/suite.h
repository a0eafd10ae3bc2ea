// The tests of the rewritten tree: which there are, which mutants each comes by, and whether they see a mutant.

#ifndef VERIFY_MUTATION_SUITE_H_
#define VERIFY_MUTATION_SUITE_H_

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bitnet::mutation {

// One case of one test binary, or a test that is no GoogleTest binary as a whole.
struct TestCase {
  std::string name;            // "Suite.Case", "" for a whole test
  double seconds = 0;          // without the start of the program
  std::set<uint64_t> reached;  // ids of mutants
};

struct TestBinary {
  std::string label;  // "//verify:audit_test"
  std::filesystem::path program;
  std::filesystem::path runfiles;  // where it runs
  double start_s = 0;              // what a run takes without any case
  std::vector<TestCase> cases;
};

struct Kill {
  bool killed = false;
  std::string by;      // the test, and how; "" for a survivor
  int cases_run = 0;   // that come by the mutant
  int cases_left = 0;  // for lack of budget
};

class Suite {
 public:
  // `labels` are test targets that were built; `temporary` is for files of tests and logs.
  static absl::StatusOr<Suite> Open(const std::vector<std::string>& labels, const std::filesystem::path& outputs,
                                    const std::filesystem::path& temporary);

  // Runs every case once with no mutant on, `workers` at a time. All must pass: InvalidArgument names those that do
  // not.
  absl::Status Record(int workers);

  // Runs what comes by mutant `id`, cheapest first, until something fails, crashes or takes far too long. Cases whose
  // time was `budget_s` together are run; the rest counts as left. `worker` must differ between threads.
  absl::StatusOr<Kill> Try(uint64_t id, double budget_s, int worker) const;

  const std::vector<TestBinary>& binaries() const { return binaries_; }
  // Ids that some case came by where the types leave nothing to mutate.
  const std::set<uint64_t>& not_applicable() const { return not_applicable_; }
  size_t cases() const;

 private:
  absl::Status RecordCase(const TestBinary& binary, TestCase& test, int worker, std::set<uint64_t>& not_applicable);
  absl::StatusOr<bool> Run(const TestBinary& binary, const std::string& filter, const std::string& switch_variable,
                           double limit_s, int worker, std::string& how, double& seconds) const;

  std::filesystem::path temporary_;
  std::vector<TestBinary> binaries_;
  std::set<uint64_t> not_applicable_;
};

}  // namespace bitnet::mutation

#endif  // VERIFY_MUTATION_SUITE_H_
