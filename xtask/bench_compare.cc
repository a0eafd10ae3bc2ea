// xtask bench-compare: two programs, or two sets of options of one, run alternately and compared.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/compare/gate.h"
#include "verify/policy.h"
#include "xtask/bench_flags.h"
#include "xtask/bench_plan.h"
#include "xtask/bench_progress.h"
#include "xtask/bench_runner.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"

namespace bitnet::xtask {
namespace {

struct BenchCompareOptions {
  BenchFlags bench;
  std::vector<std::string> run;  // options of A and of B
  std::string command_a, command_b;
  std::vector<std::string> vary;
  std::vector<std::string> anchor;
  bool json = false;
};

absl::StatusOr<BenchPlan> MakePlan(const BenchCompareOptions& options, const verify::ComparePolicy& policy,
                                   const CommandContext& context) {
  BITNET_ASSIGN_OR_RETURN(BenchPlan plan, MakeBenchPlan(options.bench, policy, context));
  BITNET_ASSIGN_OR_RETURN(plan.a.command, CommandWords(options.command_a));
  BITNET_ASSIGN_OR_RETURN(plan.b.command, CommandWords(options.command_b));
  if (!options.run.empty()) {
    plan.a.options = absl::StrSplit(options.run[0], ' ', absl::SkipEmpty());
    plan.b.options = absl::StrSplit(options.run[1], ' ', absl::SkipEmpty());
  }
  return plan;
}

absl::StatusOr<int> RunBenchCompare(const BenchCompareOptions& options, const CommandContext& context) {
  const Environment& environment = context.environment;
  BITNET_ASSIGN_OR_RETURN(verify::Policy policy, ReadBenchPolicy(options.bench, environment));
  for (const std::string& name : options.vary) {
    BITNET_ASSIGN_OR_RETURN(const verify::VaryingFact fact, verify::ParseVaryingFact(name));
    policy.compare.may_differ.insert(fact);
  }
  BITNET_ASSIGN_OR_RETURN(const BenchPlan plan, MakePlan(options, policy.compare, context));
  BenchRunnerOptions runner = ProgressOnStderr(policy.compare, environment);
  runner.policy = policy;
  runner.interrupted = &context.interrupted;
  if (!options.anchor.empty()) {
    BITNET_ASSIGN_OR_RETURN(runner.anchor, ReadMeasuredRuns(options.anchor, policy));
  }
  BITNET_ASSIGN_OR_RETURN(runner.folder, MakeBenchFolder(options.bench, "comparisons", environment));
  BITNET_ASSIGN_OR_RETURN(const BenchOutcome outcome, RunBenchPlan(plan, runner));
  EndProgress(environment);
  const JsonValue json = OutcomeJson(plan, outcome);
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(runner.folder, "/verdict.json"), WritePrettyJson(json)));
  std::fputs(options.json ? (CanonicalJson(json) + "\n").c_str()
                          : verify::TextGate(outcome.gate, policy.compare, environment.color).c_str(),
             stdout);
  std::fprintf(stderr, "receipts, plan and verdict are in %s\n", runner.folder.c_str());
  return verify::GateVerdictExitCode(outcome.gate.verdict());
}

}  // namespace

void AddBenchCompareCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<BenchCompareOptions>();
  CLI::App& command = *app.add_subcommand("bench-compare", "Run two programs or option sets alternately and compare");
  command
      .add_option("run", options->run,
                  "After --: options of `xtask benchmark` for A (the baseline) and for B, each as one word of the "
                  "shell; \"\" for none")
      ->expected(2)
      ->type_name("A B");
  command.add_option("--command-a", options->command_a,
                     "Program of A, with what starts it, split at blanks (default: this program)");
  command.add_option("--command-b", options->command_b, "Program of B, likewise");
  AddBenchFlags(command, options->bench);
  command.add_option("--vary", options->vary, "What may differ between A and B: threads, schedule, density");
  command.add_option("--anchor", options->anchor, "Receipts of a frozen release: B at most 5 % slower than it");
  command.add_flag("--json", options->json, "Verdict with plan and runs as JSON");
  command.footer(
      "Examples:\n"
      "  xtask bench-compare                                       A/A: this program with itself\n"
      "  xtask bench-compare --command-a ./xtask-old               is this program slower than that one?\n"
      "  xtask bench-compare -- \"--isa avx2\" \"--isa avx512vnni\"\n"
      "  xtask bench-compare --vary threads -m model.gguf --json -- \"-t 2\" \"-t 4\"\n"
      "Runs A B B A ..., each a process of its own, after one pair that is discarded; looks after 10, 20, 30 and 40\n"
      "pairs and stops when the question is decided. Prompts are equal within a pair and differ between pairs.\n"
      "Exit codes: 0 PASS, 1 FAIL (or a program that cannot be run), 2 bad input, 3 INCONCLUSIVE or REFUSED, 130\n"
      "interrupted.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunBenchCompare(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
