#include "verify/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bitnet::verify {
namespace {

// Estimates outside are named, whatever the interval says.
constexpr double kRegressionBelow = 0.95;
constexpr double kAttentionAbove = 1.10;

// Tokens a nanosecond, or one first token a nanosecond.
double SpeedOf(Metric metric, const MeasuredRun& run) {
  switch (metric) {
    case Metric::kDecode:
      return static_cast<double>(run.generated_tokens - 1) / static_cast<double>(*run.decode_ns);
    case Metric::kPrefill:
      return static_cast<double>(run.prompt_tokens) / static_cast<double>(*run.prefill_ns);
    case Metric::kTtft:
      return 1 / static_cast<double>(*run.prefill_ns);  // RS-120: prefill ends with the first token
    case Metric::kPeakRss:
      break;
  }
  return 0;
}

std::vector<double> SpeedsOf(Metric metric, std::span<const MeasuredRun> runs) {
  std::vector<double> speeds;
  for (const MeasuredRun& run : runs) speeds.push_back(SpeedOf(metric, run));
  return speeds;
}

std::string Percent(double share) { return absl::StrFormat("%.3g %%", share * 100); }

std::string ReasonFor(const MetricReport& report, double margin, const ComparePolicy& policy) {
  if (report.looks.empty()) {
    return absl::StrCat("fewer runs than the ", policy.looks.front(), " that the first look needs");
  }
  const Look& look = report.looks.back();
  if (report.verdict == GateVerdict::kPass) return absl::StrCat("a slowdown of ", Percent(margin), " is ruled out");
  if (report.verdict == GateVerdict::kFail) return absl::StrCat("slower by more than ", Percent(margin));
  if (look.by_rank != look.by_bootstrap) {
    return absl::StrCat("the two intervals disagree: ", GateVerdictName(look.by_rank), " by ranks, ",
                        GateVerdictName(look.by_bootstrap), " by bootstrap");
  }
  return absl::StrCat("the interval holds a slowdown of ", Percent(margin));
}

MetricReport ReportSpeed(Metric metric, const ComparisonRuns& runs, double margin, const ComparePolicy& policy) {
  const std::vector<double> baseline = SpeedsOf(metric, runs.baseline);
  const std::vector<double> current = SpeedsOf(metric, runs.current);
  Decision decision;
  if (runs.paired) {
    std::vector<double> ratios;
    for (size_t i = 0; i < baseline.size(); ++i) ratios.push_back(current[i] / baseline[i]);
    decision = DecidePaired(ratios, margin, policy);
  } else {
    decision = DecideUnpaired(baseline, current, margin, policy);
  }
  MetricReport report;
  report.metric = metric;
  report.verdict = decision.verdict;
  report.looks = std::move(decision.looks);
  report.reason = ReasonFor(report, margin, policy);
  if (report.looks.empty()) return report;
  const Look& look = report.looks.back();
  if (look.rank.estimate < kRegressionBelow) report.notice = Notice::kRegression;
  if (look.rank.estimate > kAttentionAbove) report.notice = Notice::kAttention;
  report.improvement = look.rank.lower > 1 && look.bootstrap.lower > 1;
  return report;
}

uint64_t LargestResidentSet(std::span<const MeasuredRun> runs) {
  uint64_t largest = 0;
  for (const MeasuredRun& run : runs) largest = std::max(largest, *run.peak_rss_bytes);
  return largest;
}

MetricReport ReportPeakRss(const ComparisonRuns& runs, const ComparePolicy& policy) {
  MetricReport report;
  report.metric = Metric::kPeakRss;
  report.baseline_bytes = LargestResidentSet(runs.baseline);
  report.current_bytes = LargestResidentSet(runs.current);
  const double limit = static_cast<double>(report.baseline_bytes) * (1 + policy.rss_margin);
  const bool within = static_cast<double>(report.current_bytes) <= limit;
  report.verdict = within ? GateVerdict::kPass : GateVerdict::kFail;
  report.reason = absl::StrCat(within ? "at most " : "more than ", Percent(policy.rss_margin), " above the baseline's");
  return report;
}

// A speed that is not decided although the noise alone spans the margin, also after all the looks there can be: no
// difference of that size could be seen on this machine.
std::optional<Refusal> FindUnarmed(const std::vector<MetricReport>& metrics, double margin,
                                   const ComparePolicy& policy) {
  for (const MetricReport& report : metrics) {
    if (report.looks.empty() || report.verdict != GateVerdict::kInconclusive) continue;
    const double half_width = ProjectedHalfWidth(report.looks.back(), policy);
    if (std::isfinite(half_width) && half_width > margin) {
      return Refusal{
          RefusalReason::kArmed,
          absl::StrCat(MetricName(report.metric), ": half the width of the interval would be ", Percent(half_width),
                       " after ", policy.looks.back(), " runs on a side; the margin is ", Percent(margin),
                       " (use a quieter machine or longer runs)")};
    }
  }
  return std::nullopt;
}

GateVerdict Combine(const std::vector<MetricReport>& metrics) {
  bool all_pass = !metrics.empty();
  for (const MetricReport& report : metrics) {
    if (report.verdict == GateVerdict::kFail) return GateVerdict::kFail;
    all_pass &= report.verdict == GateVerdict::kPass;
  }
  return all_pass ? GateVerdict::kPass : GateVerdict::kInconclusive;
}

size_t NextLook(size_t pairs, const ComparePolicy& policy) {
  for (const size_t look : policy.looks) {
    if (look > pairs) return look;
  }
  return 0;
}

}  // namespace

std::string_view MetricName(Metric metric) {
  static constexpr std::string_view kNames[] = {"decode_tokens_per_second", "prefill_tokens_per_second",
                                                "time_to_first_token", "peak_rss"};
  return kNames[static_cast<int>(metric)];
}

std::string_view NoticeName(Notice notice) {
  static constexpr std::string_view kNames[] = {"", "regression", "attention"};
  return kNames[static_cast<int>(notice)];
}

ComparisonReport CompareRuns(std::vector<MeasuredRun> baseline, std::vector<MeasuredRun> current, double margin,
                             const ComparePolicy& policy, std::vector<Refusal> found) {
  ComparisonReport report;
  report.paired = SortInterleaved(baseline, current);
  report.baseline_runs = baseline.size();
  report.current_runs = current.size();
  report.margin = margin;
  const bool counts = found.empty();  // what is known to be wrong explains why there are so few runs
  report.refusals = std::move(found);
  const ComparisonRuns runs{baseline, current, report.paired};
  for (Refusal& refusal : FindRefusals(runs, policy, counts)) report.refusals.push_back(std::move(refusal));
  if (!report.refusals.empty()) return report;

  for (const Metric metric : {Metric::kDecode, Metric::kPrefill, Metric::kTtft}) {
    report.metrics.push_back(ReportSpeed(metric, runs, margin, policy));
  }
  report.metrics.push_back(ReportPeakRss(runs, policy));
  report.verdict = Combine(report.metrics);
  if (report.verdict != GateVerdict::kInconclusive) return report;
  if (std::optional<Refusal> unarmed = FindUnarmed(report.metrics, margin, policy)) {
    report.refusals.push_back(*std::move(unarmed));
    report.verdict = GateVerdict::kRefused;
  } else if (report.paired) {
    report.next_look = NextLook(baseline.size(), policy);
  }
  return report;
}

}  // namespace bitnet::verify
