// run: builds verify/ with all its mutants, and finds out which of them no test notices. See docs/mutation.md.
//
//   ./bazelw run //verify/mutation:run -- --scratch /tmp/mutation --only verify/compare

#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/mutation/results.h"
#include "verify/mutation/suite.h"
#include "verify/mutation/tree.h"

namespace bitnet::mutation {
namespace {

struct Options {
  TreeOptions tree;
  std::string scratch = "/tmp/bitnet_mutation";
  std::vector<std::string> only;
  std::string tests = "kind('.*_test', //verify/...) except filter('_fuzz_test|interop', //verify/...)";
  int workers = static_cast<int>(std::thread::hardware_concurrency());
  double budget_s = 60;
  bool again = false;
  bool list = false;
  std::string json;
};

// A mutant may ask for memory without end.
void LimitMemory() {
  const rlimit memory = {rlim_t{6} << 30, rlim_t{6} << 30};
  const rlimit core = {0, 0};
  setrlimit(RLIMIT_AS, &memory);
  setrlimit(RLIMIT_CORE, &core);
}

bool IsWanted(const std::string& path, const std::vector<std::string>& only) {
  for (const std::string& prefix : only) {
    if (path.starts_with(prefix)) return true;
  }
  return only.empty();
}

absl::Status TryAll(const Options& options, const Suite& suite, ResultsFile& results, std::vector<Judged>& judged) {
  std::set<uint64_t> reached;
  for (const TestBinary& binary : suite.binaries()) {
    for (const TestCase& test : binary.cases) reached.insert(test.reached.begin(), test.reached.end());
  }
  std::vector<Judged*> open;
  for (Judged& one : judged) {
    const uint64_t id = one.mutant->id;
    one.outcome = results.Find(id);
    if (one.outcome.fate != Fate::kPending) continue;
    if (suite.not_applicable().contains(id)) {
      one.outcome.fate = Fate::kNotApplicable;
    } else if (!reached.contains(id)) {
      one.outcome.fate = Fate::kUnreached;
    } else {
      open.push_back(&one);
    }
  }
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  absl::Status status;
  size_t done = 0, survived = 0;
  std::vector<std::thread> threads;
  for (int worker = 0; worker < options.workers; ++worker) {
    threads.emplace_back([&, worker] {
      for (size_t i = next++; i < open.size(); i = next++) {
        const absl::StatusOr<Kill> kill = suite.Try(open[i]->mutant->id, options.budget_s, worker);
        const std::lock_guard lock(mutex);
        if (!kill.ok()) {
          status = kill.status();
          next = open.size();
          return;
        }
        open[i]->outcome = {kill->killed ? Fate::kKilled : Fate::kSurvived, kill->by};
        const absl::Status added = results.Add(*open[i]->file, open[i]->mutant->id, open[i]->outcome);
        if (!added.ok()) status = added;
        ++done;
        survived += kill->killed ? 0 : 1;
        if (!kill->killed || done % 50 == 0) {
          std::fprintf(stderr, "run: %zu of %zu, %zu survived; %s %s:%d: %s%s\n", done, open.size(), survived,
                       kill->killed ? "killed" : "SURVIVED", open[i]->file->path.c_str(), open[i]->mutant->line,
                       open[i]->mutant->change.c_str(),
                       kill->cases_left > 0 ? absl::StrCat(" (", kill->cases_left, " cases not run)").c_str() : "");
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return status;
}

absl::StatusOr<std::vector<Equivalent>> ReadEquivalents(const Options& options) {
  std::ifstream file(options.tree.workspace / "verify/mutation/equivalent.txt");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return ParseEquivalents(text);
}

absl::Status Run(const Options& options) {
  BITNET_ASSIGN_OR_RETURN(const std::vector<Equivalent> equivalents, ReadEquivalents(options));
  std::fprintf(stderr, "run: rewriting into %s\n", options.tree.scratch.c_str());
  BITNET_ASSIGN_OR_RETURN(MutatedTree tree, MutatedTree::Make(options.tree));
  if (options.list) {
    for (const MutatedFile& file : tree.files()) {
      if (!IsWanted(file.path, options.only)) continue;
      for (const Mutant& mutant : file.mutants) {
        std::printf("%llu %s:%d: %s [%s]\n", static_cast<unsigned long long>(mutant.id), file.path.c_str(), mutant.line,
                    mutant.change.c_str(), std::string(MutantClassName(mutant.mutant_class)).c_str());
      }
    }
    return absl::OkStatus();
  }
  BITNET_ASSIGN_OR_RETURN(const std::vector<std::string> labels,
                          tree.Ask({"query", "--noshow_progress", "--ui_event_filters=-info", options.tests}));
  std::fprintf(stderr, "run: building %zu tests\n", labels.size());
  BITNET_RETURN_IF_ERROR(tree.Build(labels));
  LimitMemory();
  BITNET_ASSIGN_OR_RETURN(Suite suite, Suite::Open(labels, tree.outputs(), options.tree.scratch / "tests"));
  std::fprintf(stderr, "run: %zu cases, each with no mutant on\n", suite.cases());
  BITNET_RETURN_IF_ERROR(suite.Record(options.workers));
  BITNET_ASSIGN_OR_RETURN(ResultsFile results,
                          ResultsFile::Open(options.tree.scratch / "results.tsv", tree.files(), !options.again));
  std::vector<Judged> judged;
  int dropped = 0;
  for (const MutatedFile& file : tree.files()) {
    if (!IsWanted(file.path, options.only)) continue;
    dropped += file.dropped;
    for (const Mutant& mutant : file.mutants) judged.push_back({&file, &mutant, {}});
  }
  BITNET_RETURN_IF_ERROR(TryAll(options, suite, results, judged));
  for (const std::string& idle : ApplyEquivalents(equivalents, judged)) {
    std::fprintf(stderr, "run: equivalent.txt names what did not survive: %s\n", idle.c_str());
  }
  std::fputs(TextSummary(judged, dropped).c_str(), stdout);
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << WritePrettyJson(JsonSummary(judged, dropped));
    if (!file.flush()) return absl::UnavailableError(absl::StrCat("cannot write ", options.json));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace bitnet::mutation

int main(int argc, char** argv) {
  bitnet::mutation::Options options;
  options.tree.bazel = {"bazel"};
  CLI::App app("Mutation run over verify/: which changes of the code no test notices.", "run");
  app.add_option("--scratch", options.scratch, "folder for the rewritten copy, its logs and the results")
      ->capture_default_str();
  app.add_option("--only", options.only, "run mutants of paths that begin so")->type_name("PREFIX");
  app.add_option("--tests", options.tests, "tests, as a query of Bazel")->capture_default_str();
  app.add_option("--bazel", options.tree.bazel, "the program to build with, and then each of its startup options")
      ->allow_extra_args(false);
  app.add_option("--build-option", options.tree.build_options, "of bazel build")->allow_extra_args(false);
  app.add_option("--workers", options.workers, "test programs at a time")->check(CLI::Range(1, 1024));
  app.add_option("--budget", options.budget_s, "seconds of tests for one mutant; what costs more is left out")
      ->capture_default_str();
  app.add_flag("!--no-headers", options.tree.headers, "leave headers as they are: fewer objects to compile");
  app.add_flag("--again", options.again, "try the survivors of the run before once more");
  app.add_flag("--list", options.list, "list the mutants and stop");
  app.add_option("--json", options.json, "write everything as JSON")->type_name("FILE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  options.tree.workspace = workspace != nullptr ? workspace : std::filesystem::current_path().string();
  options.tree.scratch = std::filesystem::absolute(options.scratch);
  const absl::Status status = bitnet::mutation::Run(options);
  if (!status.ok()) std::fprintf(stderr, "run: %s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
