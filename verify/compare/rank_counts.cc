#include "verify/compare/rank_counts.h"

#include "absl/log/check.h"

namespace bitnet::verify {

// The generating function is the product of (1 + x^i) over the ranks i.
std::vector<absl::uint128> SignedRankCounts(size_t n) {
  CHECK_LE(n, kMaxRankedRuns);
  std::vector<absl::uint128> counts(n * (n + 1) / 2 + 1, 0);
  counts[0] = 1;
  for (size_t rank = 1; rank <= n; ++rank) {
    for (size_t w = rank * (rank + 1) / 2; w >= rank; --w) counts[w] += counts[w - rank];
  }
  return counts;
}

// The generating function is the Gaussian binomial coefficient, the product of (1 - x^(n+i)) / (1 - x^i) for i = 1..m.
// Between a multiplication and its division values wrap below zero; what is left after the division is exact.
std::vector<absl::uint128> RankSumCounts(size_t m, size_t n) {
  CHECK_LE(m, kMaxRankedRuns);
  CHECK_LE(n, kMaxRankedRuns);
  const size_t size = m * n + 1;
  std::vector<absl::uint128> counts(size, 0);
  counts[0] = 1;
  for (size_t i = 1; i <= m; ++i) {
    for (size_t u = size; u-- > n + i;) counts[u] -= counts[u - n - i];
    for (size_t u = i; u < size; ++u) counts[u] += counts[u - i];
  }
  return counts;
}

std::optional<size_t> CriticalValue(const std::vector<absl::uint128>& counts, double level) {
  absl::uint128 total = 0;
  for (const absl::uint128& count : counts) total += count;
  std::optional<size_t> critical;
  absl::uint128 tail = 0;
  for (size_t value = 0; value < counts.size(); ++value) {
    tail += counts[value];
    if (static_cast<double>(tail) > level * static_cast<double>(total)) break;
    critical = value;
  }
  return critical;
}

}  // namespace bitnet::verify
