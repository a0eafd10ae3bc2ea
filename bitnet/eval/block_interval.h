// A confidence interval for the mean of a series whose neighbours are alike.

#ifndef BITNET_EVAL_BLOCK_INTERVAL_H_
#define BITNET_EVAL_BLOCK_INTERVAL_H_

#include <cstddef>
#include <optional>
#include <span>

namespace bitnet {

inline constexpr size_t kMaxBlocks = 32;
// Shorter blocks would still be alike, and the interval too narrow.
inline constexpr size_t kMinBlockTokens = 32;

struct BlockInterval {
  size_t blocks = 0;
  double low = 0;
  double high = 0;
};

// Two-sided 95 % quantile of Student's t with `freedom` degrees, 1..kMaxBlocks - 1.
double StudentT95(size_t freedom);

// Sum from the first to the last, over the count. At least one value.
double Mean(std::span<const double> values);

// 95 % interval of Mean(values): cuts the series into min(32, size / 32) contiguous blocks whose sizes differ by one at
// most, takes the standard deviation s of the B block means and gives mean -+ t(B - 1) * s / sqrt(B). Tokens of one
// text depend on each other over some distance; means of blocks longer than that distance nearly do not. Empty with
// fewer than two blocks.
std::optional<BlockInterval> ConfidenceInterval(std::span<const double> values);

}  // namespace bitnet

#endif  // BITNET_EVAL_BLOCK_INTERVAL_H_
