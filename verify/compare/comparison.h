// The comparison of two sets of runs: refusals first, then one decision for each metric, then one verdict.

#ifndef VERIFY_COMPARE_COMPARISON_H_
#define VERIFY_COMPARE_COMPARISON_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verify/compare/compare_policy.h"
#include "verify/compare/decision.h"
#include "verify/compare/measured_run.h"
#include "verify/compare/refusals.h"

namespace bitnet::verify {

enum class Metric : uint8_t {
  kDecode,   // tokens a second after the first
  kPrefill,  // tokens of the prompt a second
  kTtft,     // time to first token
  kPeakRss,  // largest resident set; no statistics
};

std::string_view MetricName(Metric metric);  // "decode_tokens_per_second"

// A name for an estimate that a reader should not miss, whatever the verdict.
enum class Notice : uint8_t {
  kNone,
  kRegression,  // below 95 % of the baseline's speed
  kAttention,   // above 110 %: something else may have been measured
};

std::string_view NoticeName(Notice notice);  // "regression"; "" for kNone

struct MetricReport {
  Metric metric = Metric::kDecode;
  GateVerdict verdict = GateVerdict::kInconclusive;
  std::string reason;       // one line
  std::vector<Look> looks;  // of speeds; the last one is what the verdict is about
  Notice notice = Notice::kNone;
  bool improvement = false;                        // the lower bounds of both intervals are above 1
  uint64_t baseline_bytes = 0, current_bytes = 0;  // kPeakRss: the largest of all runs
};

struct ComparisonReport {
  GateVerdict verdict = GateVerdict::kRefused;
  bool paired = false;
  size_t baseline_runs = 0;
  size_t current_runs = 0;
  double margin = 0;
  std::vector<Refusal> refusals;      // not empty: nothing below was computed, or the machine is too noisy
  std::vector<MetricReport> metrics;  // one for each metric
  // A paired comparison that more pairs could still decide: after how many it is looked at next. 0 when there is no
  // such look.
  size_t next_look = 0;
};

// Runs that alternated are compared in pairs, all others as two independent samples; `margin` is the policy's, or that
// against an anchor. `found` are refusals that the caller knows of (kBase, kPlan).
ComparisonReport CompareRuns(std::vector<MeasuredRun> baseline, std::vector<MeasuredRun> current, double margin,
                             const ComparePolicy& policy, std::vector<Refusal> found = {});

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_COMPARISON_H_
