#include "verify/mutation/suite.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "bitnet/base/status_macros.h"
#include "verify/mutation/process.h"

namespace bitnet::mutation {
namespace {

constexpr double kRecordLimit = 600;  // seconds for one case with no mutant on
constexpr double kSlowCase = 1;       // from here on a case is run by itself, after the others
// A mutant that takes this much longer than the original does not end: so much for a machine that is busy otherwise.
double LimitFor(double seconds) { return 5 + 10 * seconds; }

// "Suite.\n  Case  # comment\n" of --gtest_list_tests; empty for what is no GoogleTest binary.
std::vector<TestCase> ListCases(const std::filesystem::path& listing) {
  std::ifstream file(listing);
  std::vector<TestCase> cases;
  std::string suite;
  for (std::string line; std::getline(file, line);) {
    const std::string_view name = absl::StripAsciiWhitespace(std::string_view(line).substr(0, line.find('#')));
    if (!line.starts_with(' ')) {
      suite = name.ends_with('.') ? std::string(name) : "";
    } else if (!suite.empty() && !name.empty()) {
      cases.push_back({absl::StrCat(suite, name)});
    }
  }
  return cases;
}

// A filter that names nothing runs nothing, and passes.
bool RanOne(const std::filesystem::path& output) {
  std::ifstream file(output);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("[==========] Running 1 test ")) return true;
  }
  return false;
}

// What `bazel test` sets, as far as tests look at it.
std::vector<std::string> Environment(const TestBinary& binary, const std::filesystem::path& temporary) {
  std::vector<std::string> environment = {
      absl::StrCat("TEST_TMPDIR=", temporary.string()),
      absl::StrCat("TEST_SRCDIR=", binary.runfiles.parent_path().string()),
      absl::StrCat("RUNFILES_DIR=", binary.runfiles.parent_path().string()),
      absl::StrCat("TEST_WORKSPACE=", binary.runfiles.filename().string()),
      "PATH=/usr/local/bin:/usr/bin:/bin",
      "USER=test",
      "TZ=UTC",
  };
  environment.push_back(absl::StrCat("HOME=", temporary.string()));
  return environment;
}

template <typename Work>
void InParallel(int workers, Work work) {
  std::vector<std::thread> threads;
  for (int worker = 0; worker < workers; ++worker) threads.emplace_back(work, worker);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

absl::StatusOr<Suite> Suite::Open(const std::vector<std::string>& labels, const std::filesystem::path& outputs,
                                  const std::filesystem::path& temporary) {
  Suite suite;
  suite.temporary_ = temporary;
  std::error_code error;
  std::filesystem::create_directories(temporary, error);
  for (const std::string& label : labels) {
    TestBinary binary;
    binary.label = label;
    binary.program = outputs / absl::StrReplaceAll(absl::StripPrefix(label, "//"), {{":", "/"}});
    binary.runfiles = std::filesystem::path(binary.program.string() + ".runfiles") / "bitnet";
    const std::filesystem::path listing = temporary / "cases.txt";
    const bool script = !std::filesystem::exists(binary.program.string() + "-2.params", error);
    if (!script) {
      BITNET_ASSIGN_OR_RETURN(const Ending ending, RunCommand({.args = {binary.program, "--gtest_list_tests"},
                                                               .folder = binary.runfiles,
                                                               .environment = Environment(binary, temporary),
                                                               .output = listing,
                                                               .limit_s = 60}));
      binary.start_s = ending.seconds;
      binary.cases = ListCases(listing);
    }
    if (binary.cases.empty()) binary.cases.push_back({""});
    suite.binaries_.push_back(std::move(binary));
  }
  return suite;
}

size_t Suite::cases() const {
  size_t cases = 0;
  for (const TestBinary& binary : binaries_) cases += binary.cases.size();
  return cases;
}

absl::StatusOr<bool> Suite::Run(const TestBinary& binary, const std::string& filter, const std::string& switch_variable,
                                double limit_s, int worker, std::string& how, double& seconds) const {
  const std::filesystem::path folder = temporary_ / absl::StrCat("worker", worker);
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  std::filesystem::create_directories(folder, error);
  Command command;
  command.args = {binary.program};
  if (!filter.empty()) {
    command.args.insert(command.args.end(),
                        {absl::StrCat("--gtest_filter=", filter), "--gtest_fail_fast", "--gtest_color=no"});
  }
  command.folder = binary.runfiles;
  command.environment = Environment(binary, folder);
  command.environment.push_back(switch_variable);
  command.output = temporary_ / absl::StrCat("output", worker, ".txt");
  command.limit_s = limit_s;
  BITNET_ASSIGN_OR_RETURN(const Ending ending, RunCommand(command));
  seconds = ending.seconds;
  how = ending.timed_out         ? "time out"
        : ending.exit_code > 128 ? absl::StrCat("signal ", ending.exit_code - 128)
                                 : absl::StrCat("exit ", ending.exit_code);
  if (!ending.ok() && !filter.empty()) {
    std::ifstream output(command.output);
    for (std::string line; std::getline(output, line);) {
      if (line.starts_with("[ RUN      ] ")) how = absl::StrCat(line.substr(13), ", ", how.substr(how.rfind(',') + 1));
    }
  }
  return ending.ok();
}

absl::Status Suite::RecordCase(const TestBinary& binary, TestCase& test, int worker,
                               std::set<uint64_t>& not_applicable) {
  const std::filesystem::path log = temporary_ / absl::StrCat("log", worker, ".txt");
  std::error_code error;
  std::filesystem::remove(log, error);
  std::string how;
  // With the log off first: its time is what limits are derived from.
  BITNET_ASSIGN_OR_RETURN(const bool plain,
                          Run(binary, test.name, "BITNET_MUTANT=0", kRecordLimit, worker, how, test.seconds));
  test.seconds = std::max(0.001, test.seconds - binary.start_s);
  double seconds = 0;
  BITNET_ASSIGN_OR_RETURN(const bool logged, Run(binary, test.name, absl::StrCat("BITNET_MUTANT_LOG=", log.string()),
                                                 kRecordLimit, worker, how, seconds));
  if (!plain || !logged) {
    return absl::InvalidArgumentError(
        absl::StrCat(binary.label, " ", test.name, " fails with no mutant on (", how, ")"));
  }
  if (!test.name.empty() && !RanOne(temporary_ / absl::StrCat("output", worker, ".txt"))) {
    return absl::InvalidArgumentError(absl::StrCat(binary.label, " has no case ", test.name));
  }
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    uint64_t id = 0;
    if (line.size() < 2 || !absl::SimpleAtoi(line.substr(1), &id)) continue;
    (line[0] == '-' ? not_applicable : test.reached).insert(id);
  }
  return absl::OkStatus();
}

absl::Status Suite::Record(int workers) {
  std::vector<std::pair<const TestBinary*, TestCase*>> all;
  for (TestBinary& binary : binaries_) {
    for (TestCase& test : binary.cases) all.push_back({&binary, &test});
  }
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  std::vector<std::string> failures;
  InParallel(workers, [&](int worker) {
    std::set<uint64_t> not_applicable;
    for (size_t i = next++; i < all.size(); i = next++) {
      const absl::Status status = RecordCase(*all[i].first, *all[i].second, worker, not_applicable);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex);
      failures.emplace_back(status.message());
    }
    const std::lock_guard lock(mutex);
    not_applicable_.merge(not_applicable);
  });
  if (failures.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(failures, "\n"));
}

absl::StatusOr<Kill> Suite::Try(uint64_t id, double budget_s, int worker) const {
  struct Batch {
    const TestBinary* binary;
    std::vector<std::string> names;
    double seconds = 0;
  };
  std::vector<Batch> batches;
  for (const TestBinary& binary : binaries_) {
    Batch quick{&binary, {}};
    for (const TestCase& test : binary.cases) {
      if (!test.reached.contains(id)) continue;
      if (test.seconds >= kSlowCase) {
        batches.push_back({&binary, {test.name}, test.seconds});
      } else {
        quick.names.push_back(test.name);
        quick.seconds += test.seconds;
      }
    }
    if (!quick.names.empty()) batches.push_back(std::move(quick));
  }
  std::ranges::sort(batches, {}, &Batch::seconds);
  Kill kill;
  double spent = 0;
  for (const Batch& batch : batches) {
    if (spent + batch.seconds > budget_s && spent > 0) {
      kill.cases_left += static_cast<int>(batch.names.size());
      continue;
    }
    spent += batch.seconds;
    kill.cases_run += static_cast<int>(batch.names.size());
    std::string how;
    double seconds = 0;
    BITNET_ASSIGN_OR_RETURN(const bool passed,
                            Run(*batch.binary, absl::StrJoin(batch.names, ":"), absl::StrCat("BITNET_MUTANT=", id),
                                LimitFor(batch.seconds), worker, how, seconds));
    if (passed) continue;
    kill.killed = true;
    kill.by = absl::StrCat(batch.binary->label, " ", how);
    return kill;
  }
  return kill;
}

}  // namespace bitnet::mutation
