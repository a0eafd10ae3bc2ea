// The decision about one metric: a test of non-inferiority, looked at a few times.
//
// Null hypothesis: the current side is slower than the baseline by the margin or more. At each look the interval of the
// ratio of speeds is laid beside 1 - margin. Above it: PASS. Below it: FAIL. Across it: more runs, and after the last
// look INCONCLUSIVE. A verdict needs both intervals, the exact one from ranks and the bootstrap's, to say the same. The
// level of one look is the policy's alpha divided by the number of looks (Bonferroni), so looking often costs nothing
// in honesty: over all looks a wrong bound has at most the chance alpha.

#ifndef VERIFY_COMPARE_DECISION_H_
#define VERIFY_COMPARE_DECISION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "verify/compare/compare_policy.h"
#include "verify/compare/ratio_interval.h"

namespace bitnet::verify {

enum class GateVerdict : uint8_t {
  kPass,          // not slower by the margin or more
  kFail,          // slower by more than the margin
  kInconclusive,  // the runs do not decide
  kRefused,       // not comparable, or not measured
};

std::string_view GateVerdictName(GateVerdict verdict);  // "PASS"
int GateVerdictExitCode(GateVerdict verdict);           // 0 pass, 1 fail, 3 inconclusive or refused

// What one look saw.
struct Look {
  size_t runs = 0;  // pairs, or runs of the smaller side
  RatioInterval rank;
  RatioInterval bootstrap;
  GateVerdict by_rank = GateVerdict::kInconclusive;
  GateVerdict by_bootstrap = GateVerdict::kInconclusive;
};

struct Decision {
  GateVerdict verdict = GateVerdict::kInconclusive;  // never kRefused
  std::vector<Look> looks;                           // empty: fewer runs than the first look needs
};

// Where the interval lies: kPass, kFail or kInconclusive.
GateVerdict JudgeInterval(const RatioInterval& interval, double margin);

// `ratios`: current over baseline of each pair in the order of the runs. Looks as far as there are pairs and stops at
// the first that decides, as the run would have; pairs beyond the last look that could be taken are not used.
Decision DecidePaired(std::span<const double> ratios, double margin, const ComparePolicy& policy);

// Speeds of independent runs. One look, over all of them, at the level of one look; INCONCLUSIVE without one if either
// side has fewer runs than the first look wants.
Decision DecideUnpaired(std::span<const double> baseline, std::span<const double> current, double margin,
                        const ComparePolicy& policy);

// sqrt(upper / lower) - 1: how far the estimate is from its bounds, as a share. It is what an A/A comparison of the
// same noise would have, for a difference between the sides moves an interval and does not widen it. Infinite without
// bounds.
double HalfWidth(const RatioInterval& interval);

// The half-width that the last look can be expected to have: it shrinks with the square root of the number of runs.
double ProjectedHalfWidth(const Look& look, const ComparePolicy& policy);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_DECISION_H_
