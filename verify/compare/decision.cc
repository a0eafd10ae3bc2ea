#include "verify/compare/decision.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "verify/compare/bootstrap.h"
#include "verify/compare/rank_intervals.h"

namespace bitnet::verify {
namespace {

// Judges both intervals and keeps what was seen; a verdict only when they agree.
void Judge(Look look, double margin, Decision& decision) {
  look.by_rank = JudgeInterval(look.rank, margin);
  look.by_bootstrap = JudgeInterval(look.bootstrap, margin);
  if (look.by_rank == look.by_bootstrap) decision.verdict = look.by_rank;
  decision.looks.push_back(look);
}

}  // namespace

std::string_view GateVerdictName(GateVerdict verdict) {
  static constexpr std::string_view kNames[] = {"PASS", "FAIL", "INCONCLUSIVE", "REFUSED"};
  return kNames[static_cast<int>(verdict)];
}

int GateVerdictExitCode(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::kPass:
      return 0;
    case GateVerdict::kFail:
      return 1;
    case GateVerdict::kInconclusive:
    case GateVerdict::kRefused:
      return 3;
  }
  return 3;
}

GateVerdict JudgeInterval(const RatioInterval& interval, double margin) {
  if (interval.lower > 1 - margin) return GateVerdict::kPass;
  if (interval.upper < 1 - margin) return GateVerdict::kFail;
  return GateVerdict::kInconclusive;
}

Decision DecidePaired(std::span<const double> ratios, double margin, const ComparePolicy& policy) {
  Decision decision;
  for (const size_t pairs : policy.looks) {
    if (pairs > ratios.size() || decision.verdict != GateVerdict::kInconclusive) break;
    const std::span<const double> seen = ratios.first(pairs);
    Look look{pairs, SignedRankInterval(seen, policy.LevelPerLook()),
              PairedBootstrapInterval(seen, {.level = policy.LevelPerLook()})};
    Judge(look, margin, decision);
  }
  return decision;
}

Decision DecideUnpaired(std::span<const double> baseline, std::span<const double> current, double margin,
                        const ComparePolicy& policy) {
  Decision decision;
  const size_t runs = std::min(baseline.size(), current.size());
  if (runs < policy.looks.front()) return decision;
  Look look{runs, RankSumInterval(baseline, current, policy.LevelPerLook()),
            UnpairedBootstrapInterval(baseline, current, {.level = policy.LevelPerLook()})};
  Judge(look, margin, decision);
  return decision;
}

double HalfWidth(const RatioInterval& interval) {
  if (!(interval.lower > 0) || !std::isfinite(interval.upper)) return std::numeric_limits<double>::infinity();
  return std::sqrt(interval.upper / interval.lower) - 1;
}

double ProjectedHalfWidth(const Look& look, const ComparePolicy& policy) {
  const double last = static_cast<double>(std::max(policy.looks.back(), look.runs));
  return HalfWidth(look.rank) * std::sqrt(static_cast<double>(look.runs) / last);
}

}  // namespace bitnet::verify
