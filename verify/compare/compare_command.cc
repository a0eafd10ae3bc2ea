#include "verify/compare/compare_command.h"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/attest/pem.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/compare/baseline.h"
#include "verify/compare/compare_policy.h"
#include "verify/compare/gate.h"
#include "verify/compare/measured_run.h"
#include "verify/policy.h"
#include "verify/text_file.h"

namespace bitnet::verify {
namespace {

constexpr int kExitUsage = 2;

constexpr char kFooter[] =
    "Runs that alternated are compared in pairs, all others as two samples. Refused are runs that are not comparable.\n"
    "Exit codes:\n"
    "  0  PASS          a slowdown of the margin (3 %) or more is ruled out, for every metric\n"
    "  1  FAIL          some metric is worse by more than the margin\n"
    "  2  wrong usage, unreadable file\n"
    "  3  INCONCLUSIVE  the runs do not decide; REFUSED: they cannot be compared\n"
    "\n"
    "Examples:\n"
    "  verify compare --baseline old-*.json --current new-*.json\n"
    "  verify compare --baseline t2-*.json --current t4-*.json --vary threads --json\n"
    "  verify compare --baseline last-*.json --anchor release-*.json --current new-*.json --policy policy.json\n"
    "  verify compare --baseline-manifest baseline/manifest.json --key ci.pub --current new-*.json\n";

struct CompareOptions {
  std::vector<std::string> baseline;
  std::vector<std::string> current;
  std::vector<std::string> anchor;
  std::string baseline_manifest;
  std::string anchor_manifest;
  std::vector<std::string> keys;
  std::vector<std::string> vary;
  std::string policy;
  bool json = false;
};

absl::StatusOr<Policy> MakePolicy(const CompareOptions& options, bool strict) {
  Policy policy;
  if (!options.policy.empty()) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.policy, kMaxReceiptBytes));
    absl::StatusOr<Policy> parsed = ParsePolicy(text);
    if (!parsed.ok()) {
      return absl::Status(parsed.status().code(), absl::StrCat(options.policy, ": ", parsed.status().message()));
    }
    policy = *std::move(parsed);
  }
  policy.strict |= strict;
  for (const std::string& name : options.vary) {
    BITNET_ASSIGN_OR_RETURN(const VaryingFact fact, ParseVaryingFact(name));
    policy.compare.may_differ.insert(fact);
  }
  return policy;
}

absl::StatusOr<std::vector<MeasuredRun>> ReadRuns(const std::vector<std::string>& paths, const Policy& policy) {
  std::vector<MeasuredRun> runs;
  for (const std::string& path : paths) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, kMaxReceiptBytes));
    runs.push_back(ReadMeasuredRun(path, text, policy, absl::Now()));
  }
  return runs;
}

absl::StatusOr<std::vector<attest::PublicKey>> ReadKeys(const std::vector<std::string>& paths) {
  std::vector<attest::PublicKey> keys;
  for (const std::string& path : paths) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, attest::kMaxPemBytes));
    const absl::StatusOr<attest::PublicKey> key = attest::PublicKey::FromText(text);
    if (!key.ok()) return absl::Status(key.status().code(), absl::StrCat(path, ": ", key.status().message()));
    keys.push_back(*key);
  }
  return keys;
}

// One side from receipts or from a manifest; exactly one of the two is given, unless the side may be left out.
absl::Status CheckOneOf(std::string_view name, bool receipts, bool manifest, bool needed) {
  if (receipts != manifest || (!receipts && !needed)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("exactly one of --", name, " and --", name, "-manifest is needed"));
}

absl::StatusOr<GateInput> ReadInput(const CompareOptions& options, const Policy& policy) {
  BITNET_RETURN_IF_ERROR(
      CheckOneOf("baseline", !options.baseline.empty(), !options.baseline_manifest.empty(), /*needed=*/true));
  BITNET_RETURN_IF_ERROR(
      CheckOneOf("anchor", !options.anchor.empty(), !options.anchor_manifest.empty(), /*needed=*/false));
  BITNET_ASSIGN_OR_RETURN(std::vector<attest::PublicKey> given, ReadKeys(options.keys));
  BITNET_ASSIGN_OR_RETURN(const std::vector<attest::PublicKey> keys, TrustedKeys(std::move(given), policy));
  GateInput input;
  BITNET_ASSIGN_OR_RETURN(input.baseline, ReadRuns(options.baseline, policy));
  BITNET_ASSIGN_OR_RETURN(input.current, ReadRuns(options.current, policy));
  if (!options.baseline_manifest.empty()) {
    BITNET_ASSIGN_OR_RETURN(
        Baseline baseline, ReadBaseline(options.baseline_manifest, BaselineKind::kBaseline, keys, policy, absl::Now()));
    input.baseline = std::move(baseline.runs);
    input.baseline_refusals = std::move(baseline.refusals);
  }
  if (!options.anchor.empty()) {
    BITNET_ASSIGN_OR_RETURN(input.anchor, ReadRuns(options.anchor, policy));
  }
  if (!options.anchor_manifest.empty()) {
    BITNET_ASSIGN_OR_RETURN(Baseline anchor,
                            ReadBaseline(options.anchor_manifest, BaselineKind::kAnchor, keys, policy, absl::Now()));
    input.anchor = std::move(anchor.runs);
    input.anchor_refusals = std::move(anchor.refusals);
  }
  return input;
}

absl::StatusOr<int> Run(const CompareOptions& options, const CompareSurroundings& surroundings) {
  BITNET_ASSIGN_OR_RETURN(const Policy policy, MakePolicy(options, surroundings.strict));
  BITNET_ASSIGN_OR_RETURN(const GateInput input, ReadInput(options, policy));
  const GateReport report = RunGate(input, policy.compare);
  const std::string out = options.json ? CanonicalJson(GateJson(report, policy.compare)) + "\n"
                                       : TextGate(report, policy.compare, surroundings.color);
  // A verdict that could not be written was not given.
  if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size() || std::fflush(stdout) != 0) return kExitUsage;
  return GateVerdictExitCode(report.verdict());
}

}  // namespace

int RunCompareCommand(int argc, char** argv, const CompareSurroundings& surroundings) {
  CompareOptions options;
  CLI::App app("Compares the speeds of two sets of receipts: is the current side slower than the baseline?",
               "verify compare");
  app.footer(kFooter);
  app.add_option("--baseline", options.baseline, "receipts of the baseline")->type_name("RECEIPT...");
  app.add_option("--baseline-manifest", options.baseline_manifest, "or the manifest of a recorded one")
      ->type_name("FILE");
  app.add_option("--current", options.current, "receipts to judge")->required()->type_name("RECEIPT...");
  app.add_option("--anchor", options.anchor, "receipts of a frozen release: at most 5 % slower than it, all in all")
      ->type_name("RECEIPT...");
  app.add_option("--anchor-manifest", options.anchor_manifest, "or the manifest of a recorded one")->type_name("FILE");
  app.add_option("--key", options.keys, "public keys; manifests must be signed by one of them")->type_name("FILE...");
  app.add_option("--vary", options.vary, "what the comparison is about and may differ: threads, schedule, density")
      ->type_name("FACT...");
  app.add_option("--policy", options.policy, "policy file; its member \"compare\" has margin, level and limits")
      ->type_name("FILE");
  app.add_flag("--json", options.json, "write the verdict as canonical JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  const absl::StatusOr<int> code = Run(options, surroundings);
  if (code.ok()) return *code;
  std::fprintf(stderr, "verify compare: %s\n", std::string(code.status().message()).c_str());
  return kExitUsage;
}

}  // namespace bitnet::verify
