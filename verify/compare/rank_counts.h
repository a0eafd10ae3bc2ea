// Exact null distributions of the two rank statistics, by counting.

#ifndef VERIFY_COMPARE_RANK_COUNTS_H_
#define VERIFY_COMPARE_RANK_COUNTS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/numeric/int128.h"

namespace bitnet::verify {

// Runs on a side: the counts of a comparison of 60 with 60 add up to C(120, 60) < 2^117 and fit 128 bits.
inline constexpr size_t kMaxRankedRuns = 60;

// Wilcoxon's signed-rank statistic: element w is how many of the 2^n choices of signs give the ranks 1..n a positive
// sum of w. n(n+1)/2 + 1 elements. n <= kMaxRankedRuns.
std::vector<absl::uint128> SignedRankCounts(size_t n);

// Mann and Whitney's U: element u is how many of the C(m + n, m) arrangements of m and n values have u pairs in which
// the first is the greater. m n + 1 elements. m, n <= kMaxRankedRuns.
std::vector<absl::uint128> RankSumCounts(size_t m, size_t n);

// The largest k with P(statistic <= k) <= level, from the counts of its values; empty when even P(statistic = 0) is
// greater. Both distributions are symmetric, so the same k serves the upper tail.
std::optional<size_t> CriticalValue(const std::vector<absl::uint128>& counts, double level);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_RANK_COUNTS_H_
