#include "verify/compare/rank_counts.h"

#include <bit>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

std::vector<absl::uint128> EnumeratedSignedRanks(unsigned n) {
  std::vector<absl::uint128> counts(n * (n + 1) / 2 + 1, 0);
  for (uint32_t signs = 0; signs < 1u << n; ++signs) {
    size_t sum = 0;
    for (unsigned rank = 1; rank <= n; ++rank) sum += (signs >> (rank - 1) & 1) != 0 ? rank : 0;
    ++counts[sum];
  }
  return counts;
}

// Every arrangement is a word with m set bits; U counts the clear bits below each set one.
std::vector<absl::uint128> EnumeratedRankSums(unsigned m, unsigned n) {
  std::vector<absl::uint128> counts(m * n + 1, 0);
  for (uint32_t word = 0; word < 1u << (m + n); ++word) {
    if (std::popcount(word) != static_cast<int>(m)) continue;
    size_t u = 0;
    unsigned clear = 0;
    for (unsigned i = 0; i < m + n; ++i) {
      if ((word >> i & 1) == 0) {
        ++clear;
      } else {
        u += clear;
      }
    }
    ++counts[u];
  }
  return counts;
}

TEST(RankCountsTest, SignedRanksAreThoseOfAnEnumeration) {
  for (unsigned n = 0; n <= 14; ++n) EXPECT_EQ(SignedRankCounts(n), EnumeratedSignedRanks(n)) << n;
}

TEST(RankCountsTest, RankSumsAreThoseOfAnEnumeration) {
  for (unsigned m = 1; m <= 8; ++m) {
    for (unsigned n = 1; n <= 8; ++n) EXPECT_EQ(RankSumCounts(m, n), EnumeratedRankSums(m, n)) << m << " " << n;
  }
}

TEST(RankCountsTest, TheLargestSizesAddUpAndAreSymmetric) {
  const auto signed_ranks = SignedRankCounts(kMaxRankedRuns);
  const auto rank_sums = RankSumCounts(kMaxRankedRuns, kMaxRankedRuns);
  absl::uint128 total = 0;
  for (const absl::uint128& count : signed_ranks) total += count;
  EXPECT_EQ(total, absl::uint128(1) << 60);
  for (size_t i = 0; i < rank_sums.size(); ++i) ASSERT_EQ(rank_sums[i], rank_sums[rank_sums.size() - 1 - i]) << i;
  total = 0;
  for (const absl::uint128& count : rank_sums) total += count;
  // C(120, 60) = 96614908840363322603893139521372656
  EXPECT_EQ(total, absl::uint128(9661490884036332260u) * 10000000000000000u + absl::uint128(3893139521372656u));
}

// Critical values as tables of the signed-rank test print them (Wilcoxon and Wilcox 1964), one-sided.
TEST(RankCountsTest, SignedRankCriticalValuesAreThoseOfTheTables) {
  struct Row {
    size_t n;
    size_t at_5, at_2_5, at_1, at_0_5;  // percent
  };
  for (const Row& row : {Row{8, 5, 3, 1, 0}, Row{10, 10, 8, 5, 3}, Row{15, 30, 25, 19, 15}, Row{20, 60, 52, 43, 37},
                         Row{25, 100, 89, 76, 68}, Row{30, 151, 137, 120, 109}}) {
    const auto counts = SignedRankCounts(row.n);
    EXPECT_EQ(CriticalValue(counts, 0.05), row.at_5) << row.n;
    EXPECT_EQ(CriticalValue(counts, 0.025), row.at_2_5) << row.n;
    EXPECT_EQ(CriticalValue(counts, 0.01), row.at_1) << row.n;
    EXPECT_EQ(CriticalValue(counts, 0.005), row.at_0_5) << row.n;
  }
}

// Likewise of Mann and Whitney's test, one-sided 2.5 %.
TEST(RankCountsTest, RankSumCriticalValuesAreThoseOfTheTables) {
  struct Row {
    size_t m, n, u;
  };
  for (const Row& row :
       {Row{4, 4, 0}, Row{5, 5, 2}, Row{8, 8, 13}, Row{10, 10, 23}, Row{10, 20, 55}, Row{20, 20, 127}}) {
    EXPECT_EQ(CriticalValue(RankSumCounts(row.m, row.n), 0.025), row.u) << row.m << " " << row.n;
  }
}

TEST(RankCountsTest, TooFewRunsHaveNoCriticalValue) {
  EXPECT_EQ(CriticalValue(SignedRankCounts(6), 1.0 / 64), 0u);  // exactly 1 of 2^6
  EXPECT_EQ(CriticalValue(SignedRankCounts(6), 0.0156), std::nullopt);
  EXPECT_EQ(CriticalValue(SignedRankCounts(7), 0.0125), 0u);
  EXPECT_EQ(CriticalValue(RankSumCounts(3, 3), 0.0125), std::nullopt);
  EXPECT_EQ(CriticalValue(RankSumCounts(3, 3), 0.05), 0u);  // exactly 1 of C(6, 3)
}

}  // namespace
}  // namespace bitnet::verify
