// xtask gate: a chain from measurement to verdict, as a check run, JUnit and SARIF.

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/bench_flags.h"
#include "xtask/build_info.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/environment.h"
#include "xtask/gate_report.h"
#include "xtask/gate_run.h"
#include "xtask/gates.h"
#include "xtask/number_range.h"
#include "xtask/source_checks.h"

namespace bitnet::xtask {
namespace {

constexpr char kExitCodes[] =
    "Exit codes: 0 success, 1 failure, 2 bad input, 3 neutral: nothing was measured, 130 interrupted.";

using GateFunction = std::function<absl::StatusOr<GateRun>(const GateContext& context)>;

// What every gate's command line has besides its own flags.
struct GateFlags {
  BenchFlags bench;
  bool json = false;
};

// A gate that broke off without the caller's fault is one that failed: CI must not take the lack of a report for none.
absl::StatusOr<GateRun> Execute(const std::string& name, const GateContext& context, const GateFunction& gate) {
  absl::StatusOr<GateRun> run = gate(context);
  if (!run.ok() && ErrorExitCode(run.status()) != kExitFailed) return run;
  if (run.ok()) {
    run->name = name;
    return run;
  }
  GateRun broken;
  broken.name = name;
  broken.title = "broke off";
  broken.Add("run", GateOutcome::kFailed, std::string(run.status().message()));
  return broken;
}

// Runs the gate in a folder of its own, writes its three files beside its evidence, prints what it found.
absl::StatusOr<int> RunGate(const std::string& name, const GateFlags& flags, const CommandContext& context,
                            const GateFunction& gate) {
  BITNET_ASSIGN_OR_RETURN(const std::string folder, MakeBenchFolder(flags.bench, "gates", context.environment));
  BITNET_ASSIGN_OR_RETURN(const BuildFacts build, ReadBuildFacts());
  const absl::Time started = absl::Now();
  BITNET_ASSIGN_OR_RETURN(GateRun run, Execute(name, {context, folder}, gate));
  CheckEvidence(folder, run);
  run.started = started;
  run.completed = absl::Now();
  run.version = kVersion;
  run.commit = build.git_commit;
  const JsonValue check_run = CheckRunJson(run);
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(folder, "/junit.xml"), JunitXml(run)));
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(folder, "/results.sarif"), SarifJson(run)));
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(folder, "/check-run.json"), WritePrettyJson(check_run)));
  std::fputs(flags.json ? (CanonicalJson(check_run) + "\n").c_str() : GateText(run).c_str(), stdout);
  std::fprintf(stderr, "check-run.json, junit.xml, results.sarif and the evidence are in %s\n", folder.c_str());
  return ConclusionExitCode(run.conclusion());
}

void AddJsonFlag(CLI::App& command, bool& json) { command.add_flag("--json", json, "The check run as JSON on stdout"); }

void OnChosen(CLI::App& command, CommandContext& context, std::function<absl::StatusOr<int>()> run) {
  command.callback([run = std::move(run), &context] {
    const absl::StatusOr<int> code = run();
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

void AddBenchmarks(CLI::App& parent, CommandContext& context) {
  auto flags = std::make_shared<GateFlags>();
  flags->bench.repetitions = 5;
  CLI::App& command = *parent.add_subcommand("benchmarks", "Run a benchmark and audit its receipt at L1 or more");
  AddBenchFlags(command, flags->bench);
  AddJsonFlag(command, flags->json);
  command.add_option("-r,--repetitions", flags->bench.repetitions, "Measured repetitions")
      ->capture_default_str()
      ->check(CLI::Range(1, 500));
  command.footer(absl::StrCat("Examples:\n  xtask gate benchmarks --out gate-benchmarks\n", kExitCodes));
  OnChosen(command, context, [flags, &context] {
    return RunGate("benchmarks", *flags, context,
                   [&](const GateContext& gate) { return GateBenchmarks(flags->bench, gate); });
  });
}

void AddPerf(CLI::App& parent, CommandContext& context) {
  auto common = std::make_shared<GateFlags>();
  auto flags = std::make_shared<PerfFlags>();
  CLI::App& command = *parent.add_subcommand("perf",
                                             "Compare speeds with a recorded baseline, another program or "
                                             "other options");
  command
      .add_option("run", flags->options,
                  "After --: options of `xtask benchmark` for A (the baseline) and for B, each as one word of the "
                  "shell; \"\" for none")
      ->expected(2)
      ->type_name("A B");
  AddBenchFlags(command, common->bench);
  AddJsonFlag(command, common->json);
  command.add_option("--baseline-manifest", flags->baseline_manifest, "Recorded baseline (xtask baseline create)")
      ->type_name("FILE");
  command.add_option("--command-a", flags->command_a, "Or the program to compare with, run alternately");
  command.add_option("--command-b", flags->command_b, "Program to judge (default: this one)");
  command.add_option("--vary", flags->vary, "What may differ between A and B: threads, schedule, density");
  command.add_option("--anchor-manifest", flags->anchor_manifest, "Frozen release: at most 5 % slower than it")
      ->type_name("FILE");
  command.add_option("--key", flags->keys, "Public keys; manifests must be signed by one of them")->type_name("FILE");
  command.add_option("-r,--runs", flags->runs, "Runs against a recorded baseline")
      ->capture_default_str()
      ->check(CLI::Range(10, 60));
  command.footer(absl::StrCat(
      "Examples:\n"
      "  xtask gate perf --command-a ./xtask-main --out gate-perf\n"
      "  xtask gate perf --baseline-manifest baseline/manifest.json --anchor-manifest anchor/manifest.json --key "
      "ci.pub\n"
      "  xtask gate perf -- \"\" --strict                             what strict mode costs\n"
      "  xtask gate perf --vary density -- --no-commitment \"\"      what the trace commitment costs\n",
      kExitCodes));
  OnChosen(command, context, [common, flags, &context] {
    return RunGate("perf", *common, context,
                   [&](const GateContext& gate) { return GatePerf(common->bench, *flags, gate); });
  });
}

void AddSlo(CLI::App& parent, CommandContext& context) {
  auto common = std::make_shared<GateFlags>();
  auto flags = std::make_shared<SloFlags>();
  CLI::App& command = *parent.add_subcommand("slo", "Judge speed, time to first token, load and memory by limits");
  AddBenchFlags(command, common->bench);
  AddJsonFlag(command, common->json);
  const auto add_limit = [&](const char* name, std::optional<double>& limit, const char* description) {
    command.add_option(name, limit, description)->check(NumberRange(1e-6, 1e12));
  };
  add_limit("--min-decode-tps", flags->limits.min_decode_tps, "Least tokens a second, decode");
  add_limit("--min-prefill-tps", flags->limits.min_prefill_tps, "Least tokens a second, prefill");
  add_limit("--max-ttft-ms", flags->limits.max_ttft_ms, "Most milliseconds to the first token");
  add_limit("--max-load-ms", flags->limits.max_load_ms, "Most milliseconds of loading");
  add_limit("--max-peak-rss-mib", flags->limits.max_peak_rss_mib, "Largest resident set, MiB");
  command.add_option("-r,--runs", flags->runs, "Runs, each a process of its own")
      ->capture_default_str()
      ->check(CLI::Range(5, 60));
  command.footer(
      absl::StrCat("Examples:\n"
                   "  xtask gate slo --min-decode-tps 20 --max-ttft-ms 2000 --max-peak-rss-mib 1400\n"
                   "  xtask gate slo --policy policy.json        limits in its member \"slo\"\n",
                   kExitCodes));
  OnChosen(command, context, [common, flags, &context] {
    return RunGate("slo", *common, context,
                   [&](const GateContext& gate) { return GateSlo(common->bench, *flags, gate); });
  });
}

void AddPolicy(CLI::App& parent, CommandContext& context) {
  auto common = std::make_shared<GateFlags>();
  auto allowed = std::make_shared<std::vector<std::string>>(DefaultAllowedLicences());
  CLI::App& command = *parent.add_subcommand("policy", "Check pins and licences of third-party sources, write an SBOM");
  command.add_option("--out", common->bench.out,
                     "New folder for everything that is written (default: dated, in the cache)");
  AddJsonFlag(command, common->json);
  command.add_option("--allow-licence", *allowed, "SPDX identifiers of the licences that are allowed")
      ->capture_default_str();
  command.footer(absl::StrCat(
      "Examples:\n  xtask gate policy --out gate-policy\n  xtask gate policy --allow-licence Apache-2.0 MIT\n",
      kExitCodes));
  OnChosen(command, context, [common, allowed, &context] {
    return RunGate("policy", *common, context, [&](const GateContext& gate) { return GatePolicy(*allowed, gate); });
  });
}

}  // namespace

void AddGateCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("gate", "Run a gate: check-run JSON, JUnit, SARIF and evidence");
  command.require_subcommand(1);
  command.footer(
      absl::StrCat("Examples:\n"
                   "  xtask gate benchmarks --out gate-benchmarks\n"
                   "  xtask gate perf --command-a ./xtask-main --out gate-perf\n"
                   "  xtask gate slo --min-decode-tps 20\n"
                   "  xtask gate policy\n"
                   "Each writes check-run.json, junit.xml, results.sarif and its evidence to --out.\n",
                   kExitCodes));
  AddBenchmarks(command, context);
  AddPerf(command, context);
  AddSlo(command, context);
  AddPolicy(command, context);
}

}  // namespace bitnet::xtask
