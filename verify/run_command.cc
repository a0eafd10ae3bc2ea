#include "verify/run_command.h"

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "verify/artifacts.h"
#include "verify/audit.h"
#include "verify/audit_flags.h"
#include "verify/launch.h"
#include "verify/policy.h"
#include "verify/printable.h"
#include "verify/report.h"
#include "verify/request.h"
#include "verify/requested_audit.h"

namespace bitnet::verify {
namespace {

constexpr int kExitUsage = 2;

constexpr char kFooter[] =
    "Exit codes are those of the audit:\n"
    "  0  ACCEPT        the program ended well, and every required check of its receipt passed\n"
    "  1  REJECT        some check failed; the program failed, was killed, took longer than --timeout or wrote "
    "nothing\n"
    "  2  MALFORMED     the receipt is not readable; also: wrong usage, no such program\n"
    "  3  UNVERIFIABLE  nothing failed, but something required is not established\n"
    "\n"
    "In the program's arguments {challenge}, {receipt} and {commitment} are the files that it is to read and write,\n"
    "and so are BITNET_RUN_CHALLENGE, BITNET_RUN_RECEIPT and BITNET_RUN_COMMITMENT in its environment.\n"
    "\n"
    "Examples:\n"
    "  verify run --out audit -- xtask infer -m model.gguf -p Hello --challenge {challenge} --receipt {receipt}\n"
    "  verify run --out audit --model model.gguf --replay -- xtask benchmark -m model.gguf -r 1 --challenge "
    "{challenge} \\\n"
    "    --receipt {receipt} --commitment {commitment}\n"
    "  verify run --out audit --timeout 10m --policy policy.json -- ./run.sh\n";

struct Options {
  LaunchRequest launch;
  AuditRequest audit;
  std::string timeout = "1h";
  bool json = false;
};

// At L1 or above, where the checks of a launch are.
absl::StatusOr<Policy> MakeRunPolicy(const AuditRequest& request, std::string_view text) {
  BITNET_ASSIGN_OR_RETURN(Policy policy, MakePolicy(request, text));
  if (policy.min_level < Level::kL1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--level ", LevelName(policy.min_level), " does not look at the launch; ask for L1 or more"));
  }
  return policy;
}

absl::StatusOr<int> LaunchAndAudit(Options& options, const RunCommandContext& context) {
  if (!absl::ParseDuration(options.timeout, &options.launch.timeout)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--timeout: expected a duration such as 30s or 10m, got \"", options.timeout, "\""));
  }
  AuditRequest& request = options.audit;
  options.launch.needs_commitment = request.replay || request.independent;
  // What is wrong with the command line is said before the run, which may take long.
  BITNET_RETURN_IF_ERROR(MakeRunPolicy(request, "{}").status());
  AuditRequest known = request;
  known.replay = known.independent = false;
  BITNET_RETURN_IF_ERROR(AuditFiles::Open(known).status());
  BITNET_ASSIGN_OR_RETURN(const Launched launched, Launch(options.launch, context.interrupted));
  const std::string ended =
      launched.artifact.failure.empty() ? "ended well" : absl::StrCat("failed: ", launched.artifact.failure);
  std::fprintf(stderr, "verify run: %s, %.3f s by this clock\n", Printable(ended).c_str(),
               static_cast<double>(launched.artifact.outer_ns) / 1e9);

  const std::string& text = launched.receipt;
  BITNET_ASSIGN_OR_RETURN(const Policy policy, MakeRunPolicy(request, text));
  const bool ran = launched.artifact.failure.empty();
  if (ran && !request.model.empty() && std::filesystem::exists(launched.paths.commitment)) {
    request.commitment = launched.paths.commitment;
  }
  // A run that failed is not worth computing again.
  if (!ran) request.replay = request.independent = false;
  const auto add_launch = [&](Artifacts& artifacts) {
    artifacts.launch = launched.artifact;
    // L1-NONCE needs no signature. Where there is one to check, level L3 asks for the challenge as well.
    if (attest::LooksLikeBundle(text) || !policy.keys.empty()) artifacts.challenge = launched.challenge;
  };
  BITNET_ASSIGN_OR_RETURN(const RequestedAudit audit, RunRequestedAudit(request, policy, text, add_launch));
  if (!audit.recorded.empty()) std::fprintf(stderr, "verify: %s\n", audit.recorded.c_str());
  const AuditReport& report = audit.report;
  const std::string json = JsonReport(report);
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(options.launch.folder, "/report.json"), json));
  const std::string out = options.json ? json : TextReport(report, {context.color, launched.paths.receipt});
  // A verdict that could not be written was not given.
  if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size() || std::fflush(stdout) != 0) return kExitUsage;
  return VerdictExitCode(report.verdict);
}

}  // namespace

int RunRunCommand(int argc, char** argv, const RunCommandContext& context) {
  // What stands after -- belongs to the program, flags and all.
  int own = 1;
  while (own < argc && std::string_view(argv[own]) != "--") ++own;
  Options options;
  for (int i = own + 1; i < argc; ++i) options.launch.command.emplace_back(argv[i]);

  CLI::App app("Launches a run with a challenge of its own, times it from the outside, and audits its receipt.",
               "verify run");
  app.usage("verify run [OPTIONS] --out FOLDER -- PROGRAM [ARG...]");
  app.footer(kFooter);
  app.add_option("--out", options.launch.folder, "new or empty folder for challenge, receipt, commitment and report")
      ->required()
      ->type_name("FOLDER");
  app.add_option("--timeout", options.timeout, "the program is killed after this time")
      ->type_name("TIME")
      ->capture_default_str();
  app.add_option("--issued-by", options.launch.issued_by, "who asks, as the challenge says it")
      ->type_name("NAME")
      ->capture_default_str();
  AddAuditFlags(app, options.audit, CommitmentFlag::kOwn);
  app.add_flag("--json", options.json, "write the report as canonical JSON");
  try {
    app.parse(own, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  options.audit.strict |= context.strict;
  const absl::StatusOr<int> code = LaunchAndAudit(options, context);
  if (code.ok()) return *code;
  std::fprintf(stderr, "verify run: %s\n", std::string(code.status().message()).c_str());
  return kExitUsage;
}

}  // namespace bitnet::verify
