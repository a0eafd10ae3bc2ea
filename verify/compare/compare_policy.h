// ComparePolicy: what a performance comparison is held to. The member "compare" of a policy file; like the rest of the
// policy it belongs to whoever relies on the verdict.

#ifndef VERIFY_COMPARE_COMPARE_POLICY_H_
#define VERIFY_COMPARE_COMPARE_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet::verify {

// Facts that must be the same on both sides unless the comparison is about them.
enum class VaryingFact : uint8_t {
  kThreads,
  kSchedule,  // how prompts are cut and tokens drafted: the forward passes
  kDensity,   // of the trace commitment
};

std::string_view VaryingFactName(VaryingFact fact);  // "threads"
absl::StatusOr<VaryingFact> ParseVaryingFact(std::string_view name);

// A value type; the defaults are the built-in policy.
struct ComparePolicy {
  // The slowdown that must be ruled out: PASS says that the current side is not slower than (1 - margin) x baseline.
  double margin = 0.03;
  // The chance of a wrong bound, one-sided, over all looks together; each look has an equal share.
  double alpha = 0.05;
  // Pairs after which a paired comparison is looked at; ascending.
  std::vector<size_t> looks = {10, 20, 30, 40};
  // Growth of the largest resident set that is still a pass.
  double rss_margin = 0.03;
  // The margin against a frozen anchor, which small steps below `margin` may not exceed together.
  double anchor_margin = 0.05;
  // Shorter runs are refused.
  uint64_t min_tokens = 64;
  uint64_t min_decode_ns = 2'000'000'000;
  // The clock's resolution as a share of the shorter phase.
  double max_resolution_share = 0.001;
  // How old a recorded baseline may be, whatever its manifest says.
  uint64_t max_baseline_days = 30;
  // Roots of the manifests that baseline and anchor must have, in hexadecimal; empty: any.
  std::string baseline_root;
  std::string anchor_root;
  // An inconclusive comparison is a warning instead of a failure. Read by gates, not by the verdict.
  bool warn_if_inconclusive = false;
  std::set<VaryingFact> may_differ;

  double LevelPerLook() const { return alpha / static_cast<double>(looks.size()); }
};

// Applies the members of a JSON object:
//   "margin", "rss_margin", "anchor_margin": number in (0, 0.5], "alpha": number in (0, 0.2],
//   "looks": ascending integers from 2 to 60, at most 8, "min_tokens": integer >= 2, "min_decode_ns": integer >= 1,
//   "max_resolution_share": number in (0, 0.1], "max_baseline_days": integer from 1 to 365,
//   "baseline_root", "anchor_root": 64 lower-case hexadecimal digits,
//   "warn_if_inconclusive": bool, "may_differ": array of "threads", "schedule", "density"
// An unknown or mistyped member is an error.
absl::StatusOr<ComparePolicy> ParseComparePolicy(const JsonValue& value);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_COMPARE_POLICY_H_
