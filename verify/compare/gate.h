// The gate: the comparison with a baseline, and with a frozen anchor where there is one, under one verdict.

#ifndef VERIFY_COMPARE_GATE_H_
#define VERIFY_COMPARE_GATE_H_

#include <optional>
#include <string>
#include <vector>

#include "bitnet/receipt/json_value.h"
#include "verify/compare/comparison.h"

namespace bitnet::verify {

struct GateReport {
  ComparisonReport baseline;
  // Slowdowns within the margin add up when each release is compared with the last one only. The anchor is a release
  // that stays, and all slowdowns since then together have a margin of their own.
  std::optional<ComparisonReport> anchor;

  // The worse of the two: FAIL before REFUSED before INCONCLUSIVE before PASS.
  GateVerdict verdict() const;
};

struct GateInput {
  std::vector<MeasuredRun> current;
  std::vector<MeasuredRun> baseline;
  std::vector<Refusal> baseline_refusals;  // what is wrong with the baseline as a whole
  std::optional<std::vector<MeasuredRun>> anchor;
  std::vector<Refusal> anchor_refusals;
};

GateReport RunGate(const GateInput& input, const ComparePolicy& policy);

std::string TextGate(const GateReport& report, const ComparePolicy& policy, bool color);

// {"anchor": ComparisonJson, "baseline": ComparisonJson, "exit_code", "verdict"}; "anchor" only where there is one.
JsonValue GateJson(const GateReport& report, const ComparePolicy& policy);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_GATE_H_
