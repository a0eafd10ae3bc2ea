#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "verify/compare/refusals.h"
#include "verify/compare/slo.h"
#include "verify/policy.h"
#include "xtask/bench_plan.h"
#include "xtask/bench_series.h"
#include "xtask/gates.h"
#include "xtask/input.h"

namespace bitnet::xtask {
namespace {

using verify::GateVerdict;
using verify::SloLimits;

// What the command line sets goes before what the policy says.
SloLimits Merge(SloLimits limits, const SloLimits& over) {
  for (const verify::SloField& field : verify::SloFields()) {
    if (over.*field.limit) limits.*field.limit = over.*field.limit;
  }
  return limits;
}

GateOutcome OutcomeOf(GateVerdict verdict, const verify::ComparePolicy& policy) {
  if (verdict == GateVerdict::kPass) return GateOutcome::kPassed;
  if (verdict == GateVerdict::kInconclusive && policy.warn_if_inconclusive) return GateOutcome::kSkipped;
  return GateOutcome::kFailed;
}

}  // namespace

absl::StatusOr<GateRun> GateSlo(const BenchFlags& bench, const SloFlags& flags, const GateContext& context) {
  GateRun run;
  BITNET_ASSIGN_OR_RETURN(const verify::Policy policy, ReadBenchPolicy(bench, context.command.environment));
  SloLimits limits = flags.limits;
  if (!bench.policy.empty()) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(bench.policy, kMaxReceiptBytes));
    BITNET_ASSIGN_OR_RETURN(const SloLimits of_policy, verify::ReadSloLimits(text));
    limits = Merge(of_policy, flags.limits);
  }
  if (!verify::HasLimits(limits)) {
    run.title = "no limits";
    run.Add("limits", GateOutcome::kSkipped,
            "neither the command line nor the policy's member \"slo\" sets a limit: give one, such as "
            "--min-decode-tps 20");
    return run;
  }
  BITNET_ASSIGN_OR_RETURN(const BenchPlan plan, MakeBenchPlan(bench, policy.compare, context.command));
  BITNET_ASSIGN_OR_RETURN(
      const std::vector<verify::MeasuredRun> runs,
      RunBenchSeries(plan, flags.runs,
                     {context.folder, policy, &context.command.interrupted, context.command.environment.progress}));
  for (const verify::MeasuredRun& measured : runs) {
    run.evidence.push_back({measured.source, measured.receipt_sha256});
  }
  const std::vector<verify::Refusal> refusals =
      verify::FindRefusals({runs, {}, /*paired=*/false}, policy.compare, /*counts=*/false);
  for (const verify::Refusal& refusal : refusals) {
    run.Add(std::string(verify::RefusalId(refusal.reason)), GateOutcome::kFailed,
            absl::StrCat("needs ", verify::RefusalNeed(refusal.reason), ". ", refusal.detail));
  }
  run.title = "runs that cannot be judged";
  if (!refusals.empty()) return run;
  run.measured = true;
  int kept = 0, limits_set = 0;
  for (const verify::SloResult& result : verify::JudgeSlo(runs, limits, policy.compare.alpha)) {
    ++limits_set;
    kept += result.verdict == GateVerdict::kPass;
    run.Add(std::string(result.name), OutcomeOf(result.verdict, policy.compare),
            absl::StrFormat("%s: %.6g [%.6g, %.6g], limit %.6g", verify::GateVerdictName(result.verdict),
                            result.measured.estimate, result.measured.lower, result.measured.upper, result.limit));
  }
  run.title = absl::StrFormat("%d of %d limits kept over %d runs", kept, limits_set, runs.size());
  return run;
}

}  // namespace bitnet::xtask
