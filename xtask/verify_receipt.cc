// xtask verify-receipt: the audit of verify, as a subcommand.

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bitnet/base/status_macros.h"
#include "verify/audit.h"
#include "verify/audit_flags.h"
#include "verify/policy.h"
#include "verify/report.h"
#include "verify/request.h"
#include "verify/requested_audit.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/input.h"

namespace bitnet::xtask {
namespace {

// A bundle is at most 256 KiB: what is much longer is refused unread.
constexpr size_t kMaxBytes = size_t{1} << 20;

struct VerifyOptions {
  std::string receipt;
  verify::AuditRequest request;
  bool json = false;
};

absl::StatusOr<int> RunVerify(const VerifyOptions& options, const Environment& environment) {
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(options.receipt, kMaxBytes));
  verify::AuditRequest request = options.request;
  request.strict |= environment.strict;
  BITNET_ASSIGN_OR_RETURN(const verify::Policy policy, verify::MakePolicy(request, text));
  BITNET_ASSIGN_OR_RETURN(const verify::RequestedAudit audit, verify::RunRequestedAudit(request, policy, text));
  if (!audit.recorded.empty()) std::fprintf(stderr, "%s\n", audit.recorded.c_str());
  const verify::AuditReport& report = audit.report;
  const std::string shown = options.json
                                ? verify::JsonReport(report)
                                : verify::TextReport(report, {.color = environment.color, .subject = options.receipt});
  std::fputs(shown.c_str(), stdout);
  return verify::VerdictExitCode(report.verdict);
}

}  // namespace

void AddVerifyReceiptCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App& command = *app.add_subcommand("verify-receipt", "Audit a receipt or the signed bundle around one");
  command.add_option("receipt", options->receipt, "Receipt or bundle; - is stdin")->required();
  verify::AddAuditFlags(command, options->request, verify::CommitmentFlag::kGiven);
  command.add_option("--challenge", options->request.challenge, "challenge that the run had to answer")
      ->type_name("FILE");
  command.add_flag("--json", options->json, "Report as JSON");
  command.footer(
      "Examples:\n"
      "  xtask verify-receipt run.json\n"
      "  xtask verify-receipt run.json --strict --json\n"
      "  xtask verify-receipt run.json --model model.gguf --commitment run.bnc --replay\n"
      "  xtask verify-receipt run.bundle.json --key ci.pub --challenge challenge.json --ledger nonces.ledger\n"
      "Exit codes: 0 ACCEPT, 1 REJECT, 2 MALFORMED or usage, 3 UNVERIFIABLE.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunVerify(*options, context.environment);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
