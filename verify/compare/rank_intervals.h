// Hodges-Lehmann estimates of a ratio of speeds, with exact intervals: from Wilcoxon's signed-rank statistic for pairs,
// from Mann and Whitney's for two independent samples.
//
// The theory is about differences, here of logarithms of speeds. Only the order of sums of two logarithms, or of
// differences of two, is ever used, and that is the order of products, or of quotients: no logarithm is computed, and
// +, *, / and sqrt give the same bits on every machine.

#ifndef VERIFY_COMPARE_RANK_INTERVALS_H_
#define VERIFY_COMPARE_RANK_INTERVALS_H_

#include <span>

#include "verify/compare/ratio_interval.h"

namespace bitnet::verify {

// `ratios`: current over baseline of each pair; 1 to kMaxRankedRuns values, finite and above 0. The estimate is the
// median of the Walsh averages, the geometric means sqrt(r_i r_j) for i <= j; the bounds are the (k+1)-th smallest and
// the (k+1)-th largest of them, for the largest k with P(W+ <= k) <= level.
RatioInterval SignedRankInterval(std::span<const double> ratios, double level);

// Speeds of independent runs of either side; 1 to kMaxRankedRuns values each, finite and above 0. The estimate is the
// median of all quotients current / baseline; the bounds are their (k+1)-th smallest and largest, likewise.
RatioInterval RankSumInterval(std::span<const double> baseline, std::span<const double> current, double level);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_RANK_INTERVALS_H_
