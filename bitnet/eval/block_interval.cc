#include "bitnet/eval/block_interval.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/log/check.h"

namespace bitnet {
namespace {

// 97.5 % quantiles for 1, 2, .. 31 degrees of freedom.
constexpr double kStudentT[] = {12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010,
                                2.1788,  2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739,
                                2.0687,  2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423, 2.0395};
static_assert(std::size(kStudentT) == kMaxBlocks - 1);

}  // namespace

double StudentT95(size_t freedom) {
  CHECK(freedom >= 1 && freedom < kMaxBlocks);
  return kStudentT[freedom - 1];
}

double Mean(std::span<const double> values) {
  CHECK(!values.empty());
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<BlockInterval> ConfidenceInterval(std::span<const double> values) {
  const size_t blocks = std::min(kMaxBlocks, values.size() / kMinBlockTokens);
  if (blocks < 2) return std::nullopt;
  std::vector<double> means;
  for (size_t i = 0; i < blocks; ++i) {
    const size_t begin = values.size() * i / blocks, end = values.size() * (i + 1) / blocks;
    means.push_back(Mean(values.subspan(begin, end - begin)));
  }
  const double middle = Mean(means);
  double squares = 0;
  for (const double mean : means) squares += (mean - middle) * (mean - middle);
  const double count = static_cast<double>(blocks);
  const double half = StudentT95(blocks - 1) * std::sqrt(squares / (count - 1) / count);
  const double mean = Mean(values);
  return BlockInterval{blocks, mean - half, mean + half};
}

}  // namespace bitnet
