// Limits on speed, time to first token, load and memory, judged on intervals.

#ifndef VERIFY_COMPARE_SLO_H_
#define VERIFY_COMPARE_SLO_H_

#include <span>
#include <string_view>
#include <vector>

#include "verify/compare/decision.h"
#include "verify/compare/measured_run.h"
#include "verify/compare/slo_limits.h"

namespace bitnet::verify {

struct SloResult {
  std::string_view name;  // "min_decode_tps"
  double limit = 0;
  // Of what was measured, in the unit of the limit: Hodges and Lehmann's
  // estimate of its centre, with bounds. The peak resident set has no
  // statistics: its largest value stands for all three.
  RatioInterval measured;
  GateVerdict verdict = GateVerdict::kInconclusive;
};

// One result for each limit that is set. PASS when the bound on the wrong side
// keeps the limit, FAIL when the other one does not, INCONCLUSIVE otherwise,
// also when a run lacks the value; each bound at the one-sided level `alpha`.
// `runs` are comparable, at least one and at most kMaxRankedRuns.
std::vector<SloResult> JudgeSlo(std::span<const MeasuredRun> runs, const SloLimits& limits, double alpha);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_SLO_H_
