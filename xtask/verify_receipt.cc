// xtask verify-receipt: the auditor, as a subcommand. The stand-alone `verify` links no engine; this one is for
// comfort.

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "bitnet/base/status_macros.h"
#include "verify/audit.h"
#include "verify/policy.h"
#include "verify/report.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/input.h"

namespace bitnet::xtask {
namespace {

// A receipt is at most 64 KiB: what is much longer is refused unread.
constexpr size_t kMaxBytes = size_t{1} << 20;

struct VerifyOptions {
  std::string receipt;
  std::string policy;
  std::string level;
  bool strict = false;
  bool json = false;
};

absl::StatusOr<int> RunVerify(const VerifyOptions& options, const Environment& environment) {
  verify::Policy policy;
  if (!options.policy.empty()) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(options.policy, kMaxBytes));
    BITNET_ASSIGN_OR_RETURN(policy, verify::ParsePolicy(text));
  }
  if (!options.level.empty()) {
    if (options.policy.empty()) {
      BITNET_ASSIGN_OR_RETURN(policy.min_level, verify::ParseLevel(options.level));
    } else {
      BITNET_RETURN_IF_ERROR(verify::RaiseLevel(options.level, policy));
    }
  }
  policy.strict |= options.strict || environment.strict;
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(options.receipt, kMaxBytes));
  const verify::AuditReport report = verify::AuditReceiptText(text, policy, absl::Now());
  const std::string shown = options.json
                                ? verify::JsonReport(report)
                                : verify::TextReport(report, {.color = environment.color, .subject = options.receipt});
  std::fputs(shown.c_str(), stdout);
  return verify::VerdictExitCode(report.verdict);
}

}  // namespace

void AddVerifyReceiptCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App& command = *app.add_subcommand("verify-receipt", "Audit a receipt");
  command.add_option("receipt", options->receipt, "Receipt file; - is stdin")->required();
  command.add_option("--policy", options->policy, "Policy file (JSON)");
  command.add_option("--level", options->level, "L0 or L1 (default: the policy's)");
  command.add_flag("--strict", options->strict, "Strict mode, as BITNET_STRICT_MODE=1");
  command.add_flag("--json", options->json, "Report as JSON");
  command.footer(
      "Examples:\n"
      "  xtask verify-receipt run.json\n"
      "  xtask verify-receipt run.json --strict --json\n"
      "Exit codes: 0 ACCEPT, 1 REJECT, 2 MALFORMED or usage, 3 UNVERIFIABLE.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunVerify(*options, context.environment);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
