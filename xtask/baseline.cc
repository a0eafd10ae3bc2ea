// xtask baseline: records the runs that later ones are compared with, and shows what was recorded.

#include "verify/compare/baseline.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "verify/compare/manifest.h"
#include "verify/compare/manifest_envelope.h"
#include "verify/compare/refusals.h"
#include "xtask/bench_flags.h"
#include "xtask/bench_series.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/input.h"
#include "xtask/private_key.h"
#include "xtask/public_keys.h"

namespace bitnet::xtask {
namespace {

constexpr char kManifestName[] = "manifest.json";

struct BaselineCreateOptions {
  BenchFlags bench;
  size_t runs = 20;
  int64_t days = 30;
  std::vector<std::string> receipts;
  std::string key;
};

struct BaselineShowOptions {
  std::string manifest;
  std::vector<std::string> keys;
  bool anchor = false;
};

// Receipts that were made before, copied into the folder.
absl::StatusOr<std::vector<verify::MeasuredRun>> CopyReceipts(const std::vector<std::string>& paths,
                                                              const std::string& folder, const verify::Policy& policy) {
  std::vector<verify::MeasuredRun> runs;
  for (const std::string& path : paths) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(path, kMaxReceiptBytes));
    const std::string name = absl::StrFormat("run-%02d.json", runs.size() + 1);
    BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(folder, "/", name), text));
    runs.push_back(verify::ReadMeasuredRun(name, text, policy, absl::Now()));
  }
  return runs;
}

// A baseline of runs that could not be compared with each other would only be refused later.
absl::Status CheckComparable(const std::vector<verify::MeasuredRun>& runs, const verify::ComparePolicy& policy) {
  const std::vector<verify::Refusal> refusals = verify::FindRefusals({runs, {}, false}, policy, /*counts=*/false);
  if (refusals.empty()) return absl::OkStatus();
  std::string message = "these runs make no baseline:";
  for (const verify::Refusal& refusal : refusals) {
    absl::StrAppend(&message, "\n  ", verify::RefusalId(refusal.reason), "  needs ",
                    verify::RefusalNeed(refusal.reason), ". ", refusal.detail);
  }
  return absl::FailedPreconditionError(message);
}

absl::StatusOr<int> RunCreate(const BaselineCreateOptions& options, const CommandContext& context) {
  BITNET_ASSIGN_OR_RETURN(const verify::Policy policy, ReadBenchPolicy(options.bench, context.environment));
  // Before the runs, which take minutes.
  std::optional<attest::PrivateKey> key;
  if (!options.key.empty()) {
    BITNET_ASSIGN_OR_RETURN(attest::PrivateKey read, ReadPrivateKey(options.key));
    key.emplace(std::move(read));
  }
  std::vector<verify::MeasuredRun> runs;
  std::string folder;
  if (options.receipts.empty()) {
    BITNET_ASSIGN_OR_RETURN(const BenchPlan plan, MakeBenchPlan(options.bench, policy.compare, context));
    BITNET_ASSIGN_OR_RETURN(folder, MakeBenchFolder(options.bench, "baselines", context.environment));
    BITNET_ASSIGN_OR_RETURN(
        runs, RunBenchSeries(plan, options.runs, {folder, policy, &context.interrupted, context.environment.progress}));
  } else {
    BITNET_ASSIGN_OR_RETURN(folder, MakeBenchFolder(options.bench, "baselines", context.environment));
    BITNET_ASSIGN_OR_RETURN(runs, CopyReceipts(options.receipts, folder, policy));
  }
  BITNET_RETURN_IF_ERROR(CheckComparable(runs, policy.compare));
  BITNET_ASSIGN_OR_RETURN(const verify::Manifest manifest,
                          verify::MakeManifest(runs, absl::Now(), absl::Hours(24) * options.days));
  std::string text = verify::WriteManifest(manifest);
  if (key) text = verify::SignManifest(text, *key);
  const std::string path = absl::StrCat(folder, "/", kManifestName);
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(path, text));
  std::printf("%s\n", path.c_str());
  std::fprintf(stderr, "%d runs, root %s, %s, until %s\n", static_cast<int>(runs.size()),
               verify::ManifestRoot(manifest.receipts).c_str(), key ? "signed" : "not signed",
               attest::FormatUtcSeconds(manifest.expires).c_str());
  return kExitOk;
}

absl::StatusOr<int> RunShow(const BaselineShowOptions& options, const CommandContext& context) {
  BITNET_ASSIGN_OR_RETURN(const std::vector<attest::PublicKey> keys, ReadPublicKeys(options.keys));
  const verify::BaselineKind kind = options.anchor ? verify::BaselineKind::kAnchor : verify::BaselineKind::kBaseline;
  BITNET_ASSIGN_OR_RETURN(const verify::Baseline baseline,
                          verify::ReadBaseline(options.manifest, kind, keys, {}, absl::Now()));
  if (baseline.manifest) {
    const verify::Manifest& manifest = *baseline.manifest;
    std::printf("created   %s\nexpires   %s\nmachine   %s\nmodel     %s\nworkload  %s\nroot      %s\n",
                attest::FormatUtcSeconds(manifest.created).c_str(), attest::FormatUtcSeconds(manifest.expires).c_str(),
                manifest.machine.c_str(), manifest.model.c_str(), manifest.workload.c_str(),
                verify::ManifestRoot(manifest.receipts).c_str());
    std::printf("signed by %s\n", baseline.signed_by.empty() ? "nobody" : baseline.signed_by.c_str());
  }
  for (const verify::MeasuredRun& run : baseline.runs) {
    std::printf("%s  decode %.2f tok/s  prefill %.2f tok/s  %s\n", run.receipt_sha256.c_str(),
                static_cast<double>(run.generated_tokens - 1) * 1e9 / static_cast<double>(run.decode_ns.value_or(1)),
                static_cast<double>(run.prompt_tokens) * 1e9 / static_cast<double>(run.prefill_ns.value_or(1)),
                run.source.c_str());
  }
  for (const verify::Refusal& refusal : baseline.refusals) {
    std::printf("REFUSED %s  %s\n", std::string(verify::RefusalId(refusal.reason)).c_str(), refusal.detail.c_str());
  }
  return baseline.refusals.empty() ? kExitOk : kExitUnverifiable;
}

void AddCreate(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<BaselineCreateOptions>();
  CLI::App& command = *parent.add_subcommand("create", "Run benchmarks, or take receipts, and write a manifest");
  AddBenchFlags(command, options->bench);
  command.add_option("-r,--runs", options->runs, "Runs, each a process of its own, after one that is discarded")
      ->capture_default_str()
      ->check(CLI::Range(size_t{10}, verify::kMaxManifestReceipts));
  command.add_option("--receipts", options->receipts, "Receipts to take instead, such as a comparison's side B");
  command.add_option("--days", options->days, "Days that the baseline may be used")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{3660}));
  command.add_option("-k,--key", options->key, "Private key, PEM, to sign the manifest with")->type_name("FILE");
  command.footer(
      "Examples:\n"
      "  xtask baseline create --out baseline --key ci.key\n"
      "  xtask baseline create --receipts out/pair-*-b.json --out anchor --days 730 --key ci.key\n"
      "Exit codes: 0 written, 1 a run failed, 2 bad input or runs that make no baseline, 130 interrupted.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunCreate(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

void AddShow(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<BaselineShowOptions>();
  CLI::App& command = *parent.add_subcommand("show", "Check a baseline and print what it holds");
  command.add_option("manifest", options->manifest, "Manifest, in the folder of its receipts")->required();
  command.add_option("--key", options->keys, "Public keys; the manifest must be signed by one of them");
  command.add_flag("--anchor", options->anchor, "It is an anchor: as old as its manifest allows");
  command.footer(
      "Examples:\n"
      "  xtask baseline show baseline/manifest.json --key ci.pub\n"
      "Exit codes: 0 it may be used, 2 bad input, 3 it is refused.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunShow(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace

void AddBaselineCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("baseline", "Record a performance baseline, or show one");
  command.require_subcommand(1);
  command.footer(
      "Examples:\n"
      "  xtask baseline create --out baseline --key ci.key\n"
      "  xtask baseline show baseline/manifest.json --key ci.pub");
  AddCreate(command, context);
  AddShow(command, context);
}

}  // namespace bitnet::xtask
