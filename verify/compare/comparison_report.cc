#include "verify/compare/comparison_report.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace bitnet::verify {
namespace {

std::string Colored(std::string_view text, GateVerdict verdict, bool enabled) {
  if (!enabled) return std::string(text);
  const char* color = verdict == GateVerdict::kPass ? "32" : verdict == GateVerdict::kFail ? "31" : "33";
  return absl::StrCat("\x1b[", color, "m", text, "\x1b[0m");
}

std::string Interval(const RatioInterval& interval) {
  return absl::StrFormat("%.4f [%.4f, %.4f]", interval.estimate, interval.lower, interval.upper);
}

std::string MetricLine(const MetricReport& metric, bool paired) {
  if (metric.metric == Metric::kPeakRss) {
    return absl::StrFormat("%.4f x baseline (%d of %d bytes): %s",
                           static_cast<double>(metric.current_bytes) / static_cast<double>(metric.baseline_bytes),
                           metric.current_bytes, metric.baseline_bytes, metric.reason);
  }
  if (metric.looks.empty()) return metric.reason;
  const Look& look = metric.looks.back();
  return absl::StrCat(Interval(look.rank), " x baseline, bootstrap ", Interval(look.bootstrap), ", ", look.runs,
                      paired ? " pairs: " : " runs: ", metric.reason, metric.improvement ? "; an improvement" : "",
                      metric.notice == Notice::kNone ? "" : absl::StrCat("; ", NoticeName(metric.notice)));
}

JsonValue IntervalJson(const RatioInterval& interval, GateVerdict verdict) {
  JsonValue::Object json = {{"estimate", JsonValue::Double(interval.estimate)},
                            {"says", JsonValue::String(std::string(GateVerdictName(verdict)))}};
  if (interval.lower > 0) json.push_back({"lower", JsonValue::Double(interval.lower)});
  if (std::isfinite(interval.upper)) json.push_back({"upper", JsonValue::Double(interval.upper)});
  return JsonValue::MakeObject(std::move(json));
}

JsonValue MetricJson(const MetricReport& metric) {
  JsonValue::Object json = {{"metric", JsonValue::String(std::string(MetricName(metric.metric)))},
                            {"verdict", JsonValue::String(std::string(GateVerdictName(metric.verdict)))},
                            {"reason", JsonValue::String(metric.reason)}};
  if (metric.metric == Metric::kPeakRss) {
    json.push_back({"baseline_bytes", JsonValue::Uint(metric.baseline_bytes)});
    json.push_back({"current_bytes", JsonValue::Uint(metric.current_bytes)});
    return JsonValue::MakeObject(std::move(json));
  }
  JsonValue::Array looks;
  for (const Look& look : metric.looks) {
    looks.push_back(JsonValue::MakeObject({{"runs", JsonValue::Uint(look.runs)},
                                           {"rank", IntervalJson(look.rank, look.by_rank)},
                                           {"bootstrap", IntervalJson(look.bootstrap, look.by_bootstrap)}}));
  }
  json.push_back({"looks", JsonValue::MakeArray(std::move(looks))});
  json.push_back({"improvement", JsonValue::Bool(metric.improvement)});
  json.push_back({"notice", JsonValue::String(std::string(NoticeName(metric.notice)))});
  return JsonValue::MakeObject(std::move(json));
}

JsonValue PolicyJson(const ComparePolicy& policy, double margin) {
  JsonValue::Array looks, may_differ;
  for (const size_t look : policy.looks) looks.push_back(JsonValue::Uint(look));
  for (const VaryingFact fact : policy.may_differ) {
    may_differ.push_back(JsonValue::String(std::string(VaryingFactName(fact))));
  }
  return JsonValue::MakeObject({
      {"margin", JsonValue::Double(margin)},
      {"alpha", JsonValue::Double(policy.alpha)},
      {"looks", JsonValue::MakeArray(std::move(looks))},
      {"rss_margin", JsonValue::Double(policy.rss_margin)},
      {"min_tokens", JsonValue::Uint(policy.min_tokens)},
      {"min_decode_ns", JsonValue::Uint(policy.min_decode_ns)},
      {"max_resolution_share", JsonValue::Double(policy.max_resolution_share)},
      {"may_differ", JsonValue::MakeArray(std::move(may_differ))},
  });
}

}  // namespace

std::string_view GateVerdictMeaning(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::kPass:
      return "No metric is slower than the baseline by the margin or more, at the policy's level. Not established: "
             "that "
             "it is as fast, or what was not in this workload; and nothing about runs whose receipts were not given.";
    case GateVerdict::kFail:
      return "At least one metric is worse than the baseline by more than the margin, at the policy's level.";
    case GateVerdict::kInconclusive:
      return "The runs do not tell whether the current side is slower by the margin. This is not a pass.";
    case GateVerdict::kRefused:
      return "These runs cannot be compared, so nothing is said about speed. This is not a pass.";
  }
  return "";
}

std::string TextComparison(const ComparisonReport& report, const ComparePolicy& policy, bool color) {
  std::string text = absl::StrFormat(
      "%d runs of the baseline, %d current, %s; margin %.3g %%, one-sided level %.3g %% "
      "over looks at %s\n",
      report.baseline_runs, report.current_runs, report.paired ? "in pairs" : "not interleaved", report.margin * 100,
      policy.alpha * 100, absl::StrJoin(policy.looks, "/"));
  for (const MetricReport& metric : report.metrics) {
    absl::StrAppend(&text, "  ",
                    Colored(absl::StrFormat("%-12s", GateVerdictName(metric.verdict)), metric.verdict, color), " ",
                    absl::StrFormat("%-25s", MetricName(metric.metric)), " ", MetricLine(metric, report.paired), "\n");
  }
  for (const Refusal& refusal : report.refusals) {
    absl::StrAppend(&text, "  ", Colored("REFUSED     ", GateVerdict::kRefused, color), " ", RefusalId(refusal.reason),
                    "  needs ", RefusalNeed(refusal.reason), ". ", refusal.detail, "\n");
  }
  absl::StrAppend(&text, Colored(GateVerdictName(report.verdict), report.verdict, color), "\n",
                  GateVerdictMeaning(report.verdict), "\n");
  return text;
}

JsonValue ComparisonJson(const ComparisonReport& report, const ComparePolicy& policy) {
  JsonValue::Array refusals, metrics;
  for (const Refusal& refusal : report.refusals) {
    refusals.push_back(JsonValue::MakeObject({{"id", JsonValue::String(std::string(RefusalId(refusal.reason)))},
                                              {"needs", JsonValue::String(std::string(RefusalNeed(refusal.reason)))},
                                              {"detail", JsonValue::String(refusal.detail)}}));
  }
  for (const MetricReport& metric : report.metrics) metrics.push_back(MetricJson(metric));
  return JsonValue::MakeObject({
      {"verdict", JsonValue::String(std::string(GateVerdictName(report.verdict)))},
      {"exit_code", JsonValue::Int(GateVerdictExitCode(report.verdict))},
      {"meaning", JsonValue::String(std::string(GateVerdictMeaning(report.verdict)))},
      {"paired", JsonValue::Bool(report.paired)},
      {"baseline_runs", JsonValue::Uint(report.baseline_runs)},
      {"current_runs", JsonValue::Uint(report.current_runs)},
      {"policy", PolicyJson(policy, report.margin)},
      {"metrics", JsonValue::MakeArray(std::move(metrics))},
      {"refusals", JsonValue::MakeArray(std::move(refusals))},
  });
}

}  // namespace bitnet::verify
