#include "verify/compare/gate.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "verify/compare/comparison_report.h"

namespace bitnet::verify {
namespace {

int Severity(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::kPass:
      return 0;
    case GateVerdict::kInconclusive:
      return 1;
    case GateVerdict::kRefused:
      return 2;
    case GateVerdict::kFail:
      return 3;
  }
  return 3;
}

}  // namespace

GateVerdict GateReport::verdict() const {
  if (!anchor || Severity(baseline.verdict) >= Severity(anchor->verdict)) return baseline.verdict;
  return anchor->verdict;
}

GateReport RunGate(const GateInput& input, const ComparePolicy& policy) {
  GateReport report;
  report.baseline = CompareRuns(input.baseline, input.current, policy.margin, policy, input.baseline_refusals);
  if (input.anchor) {
    report.anchor = CompareRuns(*input.anchor, input.current, policy.anchor_margin, policy, input.anchor_refusals);
  }
  return report;
}

std::string TextGate(const GateReport& report, const ComparePolicy& policy, bool color) {
  std::string text;
  if (report.anchor) absl::StrAppend(&text, "With the anchor: ", TextComparison(*report.anchor, policy, color), "\n");
  if (report.anchor) absl::StrAppend(&text, "With the baseline: ");
  absl::StrAppend(&text, TextComparison(report.baseline, policy, color));
  if (report.anchor) absl::StrAppend(&text, "\nBoth: ", GateVerdictName(report.verdict()), "\n");
  return text;
}

JsonValue GateJson(const GateReport& report, const ComparePolicy& policy) {
  JsonValue::Object json = {{"verdict", JsonValue::String(std::string(GateVerdictName(report.verdict())))},
                            {"exit_code", JsonValue::Int(GateVerdictExitCode(report.verdict()))},
                            {"baseline", ComparisonJson(report.baseline, policy)}};
  if (report.anchor) json.push_back({"anchor", ComparisonJson(*report.anchor, policy)});
  return JsonValue::MakeObject(std::move(json));
}

}  // namespace bitnet::verify
