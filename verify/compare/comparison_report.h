// A comparison's report, for people and for programs.

#ifndef VERIFY_COMPARE_COMPARISON_REPORT_H_
#define VERIFY_COMPARE_COMPARISON_REPORT_H_

#include <string>
#include <string_view>

#include "bitnet/receipt/json_value.h"
#include "verify/compare/comparison.h"

namespace bitnet::verify {

// What a verdict establishes and what it does not.
std::string_view GateVerdictMeaning(GateVerdict verdict);

// One line per refusal or metric, then the verdict and what it means.
std::string TextComparison(const ComparisonReport& report, const ComparePolicy& policy, bool color);

// {"baseline_runs", "current_runs", "exit_code", "meaning", "metrics": [...], "paired", "policy", "refusals":
// [{"detail", "id", "needs"}], "verdict"}. A metric of speed has its looks, each with both intervals; bounds that there
// are not are absent.
JsonValue ComparisonJson(const ComparisonReport& report, const ComparePolicy& policy);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_COMPARISON_REPORT_H_
