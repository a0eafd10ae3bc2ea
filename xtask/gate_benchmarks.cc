#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bitnet/base/child_process.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "verify/audit.h"
#include "verify/compare/measured_run.h"
#include "verify/policy.h"
#include "xtask/bench_plan.h"
#include "xtask/environment.h"
#include "xtask/gates.h"
#include "xtask/input.h"

namespace bitnet::xtask {
namespace {

constexpr char kReceipt[] = "receipt.json";

// Every rule of the audit as a check. What does not block is told and proves nothing.
void AddAudit(const verify::AuditReport& report, GateRun& run) {
  for (const verify::CheckReport& check : report.checks) {
    const bool passed = check.result.status == verify::CheckStatus::kPass;
    const GateOutcome outcome = check.blocks ? GateOutcome::kFailed
                                : passed     ? GateOutcome::kPassed
                                             : GateOutcome::kSkipped;
    run.Add(std::string(check.rule->id), outcome,
            absl::StrCat(verify::CheckStatusName(check.result.status), ": ", check.result.reason), kReceipt);
  }
}

// The speed that the receipt states, if it states one.
void AddSpeed(const verify::MeasuredRun& measured, GateRun& run) {
  if (!measured.measured || measured.decode_ns.value_or(0) == 0 || measured.prefill_ns.value_or(0) == 0) {
    run.Add("speed", GateOutcome::kSkipped, "the receipt states no speed: generate two tokens or more", kReceipt);
    return;
  }
  run.measured = true;
  const double decode =
      static_cast<double>(measured.generated_tokens - 1) * 1e9 / static_cast<double>(*measured.decode_ns);
  const double prefill = static_cast<double>(measured.prompt_tokens) * 1e9 / static_cast<double>(*measured.prefill_ns);
  run.title = absl::StrFormat("decode %.2f tok/s, prefill %.2f tok/s, receipt %s", decode, prefill,
                              verify::VerdictName(measured.audit));
  run.Add("speed", GateOutcome::kPassed, run.title, kReceipt);
}

}  // namespace

absl::StatusOr<GateRun> GateBenchmarks(const BenchFlags& bench, const GateContext& context) {
  GateRun run;
  run.title = "no benchmark was completed";
  BITNET_ASSIGN_OR_RETURN(verify::Policy policy, ReadBenchPolicy(bench, context.command.environment));
  policy.min_level = std::max(policy.min_level, verify::Level::kL1);
  BITNET_ASSIGN_OR_RETURN(const BenchPlan plan, MakeBenchPlan(bench, policy.compare, context.command));
  const std::string path = absl::StrCat(context.folder, "/", kReceipt);
  BITNET_ASSIGN_OR_RETURN(const ChildResult child,
                          RunChild(RunArguments(plan, 1, BenchSide::kA, path), {.interrupted = &context.command.interrupted}));
  if (context.command.interrupted.load()) return absl::CancelledError("interrupted");
  const std::string complaint(absl::StripAsciiWhitespace(child.err));
  if (child.exit_code == kExitUsage) return absl::InvalidArgumentError(complaint);
  const bool completed = child.exit_code == kExitOk;
  run.Add("run", completed ? GateOutcome::kPassed : GateOutcome::kFailed,
          absl::StrCat("exit ", child.exit_code, completed ? "" : ": ", completed ? "" : complaint));
  // A benchmark whose receipt is rejected writes it all the same, and the audit then says why.
  const absl::StatusOr<std::string> text = ReadInput(path, kMaxReceiptBytes + 1);
  if (!text.ok()) {
    run.Add("receipt", GateOutcome::kFailed, absl::StrCat("cannot be read: ", text.status().message()), kReceipt);
    return run;
  }
  run.evidence.push_back({kReceipt, ToHex(Sha256Of(*text))});
  AddAudit(verify::AuditReceiptText(*text, policy, absl::Now()), run);
  AddSpeed(verify::ReadMeasuredRun(kReceipt, *text, policy, absl::Now()), run);
  return run;
}

}  // namespace bitnet::xtask
