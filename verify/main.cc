// verify: audits one receipt, or the signed envelope around one. See docs/verification.md; all that it decides is in
// audit.h.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/base/interrupt.h"
#include "verify/audit.h"
#include "verify/audit_flags.h"
#include "verify/challenge_command.h"
#include "verify/compare/compare_command.h"
#include "verify/policy.h"
#include "verify/report.h"
#include "verify/request.h"
#include "verify/requested_audit.h"
#include "verify/run_command.h"
#include "verify/text_file.h"

namespace bitnet::verify {
namespace {

constexpr int kExitUsage = 2;

constexpr char kFooter[] =
    "Exit codes:\n"
    "  0  ACCEPT        every required check passed\n"
    "  1  REJECT        some check failed\n"
    "  2  MALFORMED     the text is not one readable receipt or bundle; also: wrong usage, unreadable file or ledger\n"
    "  3  UNVERIFIABLE  nothing failed, but something required is not established\n"
    "\n"
    "Environment: BITNET_STRICT_MODE=1 is --strict; NO_COLOR switches colors off.\n"
    "\n"
    "Examples:\n"
    "  verify receipt.json\n"
    "  verify --policy policy.json --json receipt.json\n"
    "  xtask infer -m model.gguf -p Hello --receipt receipt.json && verify receipt.json\n"
    "  verify --level L0 - < receipt.json\n"
    "  verify challenge new --issued-by ci --out challenge.json\n"
    "  verify run.bundle.json --key ci.pub --challenge challenge.json --ledger nonces.ledger\n"
    "  verify run.json --model model.gguf --commitment run.bnc --replay\n"
    "  verify run --out audit -- xtask infer -m model.gguf -p Hello --challenge {challenge} --receipt {receipt}\n"
    "  verify compare --baseline old-*.json --current new-*.json\n";

struct Options {
  std::string receipt;
  AuditRequest request;
  bool json = false;
};

// BITNET_STRICT_MODE; a value that is neither 0 nor 1 is no answer, least of all "not strict".
absl::StatusOr<bool> StrictByEnvironment() {
  const char* variable = std::getenv("BITNET_STRICT_MODE");
  const std::string_view value = variable == nullptr ? "" : variable;
  if (value.empty() || value == "0") return false;
  if (value == "1") return true;
  return absl::InvalidArgumentError(absl::StrCat("BITNET_STRICT_MODE: expected 0 or 1, got \"", value, "\""));
}

int Usage(const absl::Status& status) {
  std::fprintf(stderr, "verify: %s\n", std::string(status.message()).c_str());
  return kExitUsage;
}

bool ColorWanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
}

int Run(const Options& options) {
  const absl::StatusOr<std::string> text = ReadTextFile(options.receipt, attest::kMaxBundleBytes);
  if (!text.ok()) return Usage(text.status());
  const absl::StatusOr<Policy> policy = MakePolicy(options.request, *text);
  if (!policy.ok()) return Usage(policy.status());
  const absl::StatusOr<RequestedAudit> audit = RunRequestedAudit(options.request, *policy, *text);
  if (!audit.ok()) return Usage(audit.status());
  if (!audit->recorded.empty()) std::fprintf(stderr, "verify: %s\n", audit->recorded.c_str());
  const AuditReport& report = audit->report;
  const std::string out = options.json ? JsonReport(report) : TextReport(report, {ColorWanted(), options.receipt});
  // A verdict that could not be written was not given.
  if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size() || std::fflush(stdout) != 0) return kExitUsage;
  return VerdictExitCode(report.verdict);
}

// `verify compare ...`: its own command line, with what it needs of the environment.
int Compare(int argc, char** argv) {
  const absl::StatusOr<bool> strict = StrictByEnvironment();
  if (!strict.ok()) return Usage(strict.status());
  return RunCompareCommand(argc, argv, {.strict = *strict, .color = ColorWanted()});
}

// `verify run ...`: the same.
int LaunchAndAudit(int argc, char** argv) {
  const absl::StatusOr<bool> strict = StrictByEnvironment();
  if (!strict.ok()) return Usage(strict.status());
  return RunRunCommand(argc, argv, {*strict, ColorWanted(), InstallInterruptHandler()});
}

}  // namespace
}  // namespace bitnet::verify

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "challenge") return bitnet::verify::RunChallengeCommand(argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "compare") return bitnet::verify::Compare(argc - 1, argv + 1);
  if (argc > 1 && std::string_view(argv[1]) == "run") return bitnet::verify::LaunchAndAudit(argc - 1, argv + 1);
  bitnet::verify::Options options;
  bitnet::verify::AuditRequest& request = options.request;
  CLI::App app(
      "Audits a receipt: whether its claims are well-formed (L0) and agree with each other (L1), whether it is bound "
      "to a model (L2), signed and fresh (L3).\n"
      "`verify run` launches a run itself, `verify compare` compares the speeds of two sets of receipts.",
      "verify");
  app.footer(bitnet::verify::kFooter);
  app.add_option("receipt", options.receipt, "receipt, or the signed bundle around one; - reads standard input")
      ->required()
      ->type_name("RECEIPT_OR_BUNDLE");
  app.add_option("--challenge", request.challenge, "challenge that the run had to answer (asks for L3)")
      ->type_name("FILE");
  bitnet::verify::AddAuditFlags(app, request, bitnet::verify::CommitmentFlag::kGiven);
  app.add_flag("--json", options.json, "write the report as canonical JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : bitnet::verify::kExitUsage;
  }
  const absl::StatusOr<bool> strict = bitnet::verify::StrictByEnvironment();
  if (!strict.ok()) return bitnet::verify::Usage(strict.status());
  request.strict |= *strict;
  return bitnet::verify::Run(options);
}
