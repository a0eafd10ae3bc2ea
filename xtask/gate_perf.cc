#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/compare/baseline.h"
#include "verify/compare/compare_policy.h"
#include "verify/compare/gate.h"
#include "verify/policy.h"
#include "xtask/bench_plan.h"
#include "xtask/bench_progress.h"
#include "xtask/bench_runner.h"
#include "xtask/bench_series.h"
#include "xtask/gates.h"
#include "xtask/input.h"
#include "xtask/public_keys.h"

namespace bitnet::xtask {
namespace {

using verify::ComparisonReport;
using verify::GateVerdict;

constexpr char kVerdict[] = "verdict.json";

GateOutcome OutcomeOf(GateVerdict verdict, const verify::ComparePolicy& policy) {
  if (verdict == GateVerdict::kPass) return GateOutcome::kPassed;
  if (verdict == GateVerdict::kInconclusive && policy.warn_if_inconclusive) return GateOutcome::kSkipped;
  return GateOutcome::kFailed;
}

std::string MetricMessage(const verify::MetricReport& metric) {
  std::string message = absl::StrCat(verify::GateVerdictName(metric.verdict), ": ", metric.reason);
  if (!metric.looks.empty()) {
    const verify::RatioInterval& rank = metric.looks.back().rank;
    absl::StrAppendFormat(&message, "; %.4f [%.4f, %.4f] x baseline", rank.estimate, rank.lower, rank.upper);
  }
  if (metric.notice != verify::Notice::kNone) absl::StrAppend(&message, "; ", verify::NoticeName(metric.notice));
  return message;
}

void AddComparison(const std::string& prefix, const ComparisonReport& report, const verify::ComparePolicy& policy,
                   GateRun& run) {
  for (const verify::Refusal& refusal : report.refusals) {
    run.Add(absl::StrCat(prefix, verify::RefusalId(refusal.reason)), GateOutcome::kFailed,
            absl::StrCat("needs ", verify::RefusalNeed(refusal.reason), ". ", refusal.detail), kVerdict);
  }
  for (const verify::MetricReport& metric : report.metrics) {
    run.measured |= !metric.looks.empty();
    run.Add(absl::StrCat(prefix, verify::MetricName(metric.metric)), OutcomeOf(metric.verdict, policy),
            MetricMessage(metric), kVerdict);
  }
}

absl::Status Conclude(const verify::GateReport& report, const JsonValue& json, const verify::ComparePolicy& policy,
                      const GateContext& context, GateRun& run) {
  run.title = std::string(verify::GateVerdictName(report.verdict()));
  AddComparison("", report.baseline, policy, run);
  if (report.anchor) AddComparison("anchor.", *report.anchor, policy, run);
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(context.folder, "/", kVerdict), WritePrettyJson(json)));
  AddEvidence(context.folder, kVerdict, run);
  return absl::OkStatus();
}

void AddReceipt(const std::string& file, const std::string& sha256, GateRun& run) {
  if (!sha256.empty()) run.evidence.push_back({file, sha256});
}

// The manifest names every receipt behind it by digest, so it stands for all of them.
absl::Status CopyManifest(const std::string& from, const std::string& to, const GateContext& context, GateRun& run) {
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(from, attest::kMaxBundleBytes));
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(context.folder, "/", to), text));
  AddEvidence(context.folder, to, run);
  return absl::OkStatus();
}

// This program's runs against recorded ones.
absl::Status CompareRecorded(const PerfFlags& flags, const verify::Policy& policy, BenchPlan plan,
                             std::optional<verify::Baseline> anchor, const std::vector<attest::PublicKey>& keys,
                             const GateContext& context, GateRun& run) {
  BITNET_ASSIGN_OR_RETURN(
      verify::Baseline baseline,
      verify::ReadBaseline(flags.baseline_manifest, verify::BaselineKind::kBaseline, keys, policy, absl::Now()));
  verify::GateInput input;
  input.baseline = std::move(baseline.runs);
  input.baseline_refusals = std::move(baseline.refusals);
  if (anchor) {
    input.anchor = std::move(anchor->runs);
    input.anchor_refusals = std::move(anchor->refusals);
  }
  // What is refused already is not worth minutes of runs.
  if (input.baseline_refusals.empty() && input.anchor_refusals.empty()) {
    plan.a = plan.b;
    BITNET_ASSIGN_OR_RETURN(input.current, RunBenchSeries(plan, flags.runs,
                                                          {context.folder, policy, &context.command.interrupted,
                                                           context.command.environment.progress}));
    for (const verify::MeasuredRun& measured : input.current) AddReceipt(measured.source, measured.receipt_sha256, run);
  }
  const verify::GateReport report = verify::RunGate(input, policy.compare);
  return Conclude(report, verify::GateJson(report, policy.compare), policy.compare, context, run);
}

// Two programs, alternately.
absl::Status CompareAlternately(const verify::Policy& policy, const BenchPlan& plan,
                                std::optional<verify::Baseline> anchor, const GateContext& context, GateRun& run) {
  BenchRunnerOptions options = ProgressOnStderr(policy.compare, context.command.environment);
  options.folder = context.folder;
  options.policy = policy;
  options.interrupted = &context.command.interrupted;
  if (anchor) {
    options.anchor = std::move(anchor->runs);
    options.anchor_refusals = std::move(anchor->refusals);
  }
  BITNET_ASSIGN_OR_RETURN(const BenchOutcome outcome, RunBenchPlan(plan, options));
  EndProgress(context.command.environment);
  AddEvidence(context.folder, kPlanName, run);
  for (const BenchRun& one : outcome.runs) AddReceipt(one.receipt, one.sha256, run);
  return Conclude(outcome.gate, OutcomeJson(plan, outcome), policy.compare, context, run);
}

}  // namespace

absl::StatusOr<GateRun> GatePerf(const BenchFlags& bench, const PerfFlags& flags, const GateContext& context) {
  GateRun run;
  BITNET_ASSIGN_OR_RETURN(verify::Policy policy, ReadBenchPolicy(bench, context.command.environment));
  const bool alternately = !flags.command_a.empty() || !flags.options.empty();
  if (flags.baseline_manifest.empty() && !alternately) {
    run.title = "nothing to compare with";
    run.Add("baseline", GateOutcome::kSkipped,
            "none was given: add --baseline-manifest, --command-a, or after -- the options of A and of B");
    return run;
  }
  if (!flags.baseline_manifest.empty() && alternately) {
    return absl::InvalidArgumentError(
        "expected --baseline-manifest or something to run alternately (--command-a, options of A and B), got both");
  }
  for (const std::string& name : flags.vary) {
    BITNET_ASSIGN_OR_RETURN(const verify::VaryingFact fact, verify::ParseVaryingFact(name));
    policy.compare.may_differ.insert(fact);
  }
  BITNET_ASSIGN_OR_RETURN(const std::vector<attest::PublicKey> keys, ReadPublicKeys(flags.keys));
  BITNET_ASSIGN_OR_RETURN(BenchPlan plan, MakeBenchPlan(bench, policy.compare, context.command));
  BITNET_ASSIGN_OR_RETURN(plan.a.command, CommandWords(flags.command_a));
  BITNET_ASSIGN_OR_RETURN(plan.b.command, CommandWords(flags.command_b));
  if (!flags.options.empty()) {
    plan.a.options = absl::StrSplit(flags.options[0], ' ', absl::SkipEmpty());
    plan.b.options = absl::StrSplit(flags.options[1], ' ', absl::SkipEmpty());
  }
  std::optional<verify::Baseline> anchor;
  if (!flags.anchor_manifest.empty()) {
    BITNET_ASSIGN_OR_RETURN(
        anchor, verify::ReadBaseline(flags.anchor_manifest, verify::BaselineKind::kAnchor, keys, policy, absl::Now()));
    BITNET_RETURN_IF_ERROR(CopyManifest(flags.anchor_manifest, "anchor-manifest.json", context, run));
  }
  if (alternately) {
    BITNET_RETURN_IF_ERROR(CompareAlternately(policy, plan, std::move(anchor), context, run));
  } else {
    BITNET_RETURN_IF_ERROR(CopyManifest(flags.baseline_manifest, "baseline-manifest.json", context, run));
    BITNET_RETURN_IF_ERROR(CompareRecorded(flags, policy, plan, std::move(anchor), keys, context, run));
  }
  return run;
}

}  // namespace bitnet::xtask
