#include "xtask/group_hint.h"

#include <cmath>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/quant/codec.h"

namespace bitnet::xtask {
namespace {

bool Unpack(std::string_view codec, std::span<const uint8_t> data, int64_t rows, int64_t cols, IsaSet isa,
            std::span<int8_t> trits) {
  return FindTernaryCodec(codec)->unpack(data, rows, cols, {.isa = isa}, "", trits).ok();
}

std::vector<double> ZerosOfRows(std::span<const int8_t> trits, int64_t rows, int64_t cols) {
  std::vector<double> zeros(static_cast<size_t>(rows));
  for (int64_t row = 0; row < rows; ++row) {
    int64_t count = 0;
    for (const int8_t trit : trits.subspan(static_cast<size_t>(row * cols), static_cast<size_t>(cols))) {
      count += trit == 0 ? 1 : 0;
    }
    zeros[static_cast<size_t>(row)] = static_cast<double>(count);
  }
  return zeros;
}

std::vector<double> ZerosOfColumns(std::span<const int8_t> trits, int64_t rows, int64_t cols) {
  std::vector<int32_t> count(static_cast<size_t>(cols));
  for (int64_t row = 0; row < rows; ++row) {
    const int8_t* values = trits.data() + row * cols;
    for (size_t col = 0; col < count.size(); ++col) count[col] += values[col] == 0 ? 1 : 0;
  }
  return {count.begin(), count.end()};
}

// Pearson's; 0 where one side does not vary.
double Correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double n = static_cast<double>(a.size());
  double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  const double variances = (aa - sum_a * sum_a / n) * (bb - sum_b * sum_b / n);
  return variances > 0 ? (ab - sum_a * sum_b / n) / std::sqrt(variances) : 0.0;
}

}  // namespace

std::optional<GroupHint> HintAtGroups(std::span<const FeedForwardBytes> blocks, IsaSet isa) {
  if (blocks.empty()) return std::nullopt;
  GroupHint hint;
  double neurons = 0;
  for (const FeedForwardBytes& block : blocks) {
    AlignedBuffer<int8_t> trits(static_cast<size_t>(block.hidden * block.ffn));
    // Which groups does not matter to the zeros of a row.
    if (!Unpack("i2_s", block.up, block.ffn, block.hidden, isa, trits.span())) return std::nullopt;
    const std::vector<double> rows = ZerosOfRows(trits.span(), block.ffn, block.hidden);
    if (!Unpack("i2_s", block.down, block.hidden, block.ffn, isa, trits.span())) return std::nullopt;
    hint.correlation_128 += Correlation(rows, ZerosOfColumns(trits.span(), block.hidden, block.ffn));
    if (!Unpack("i2_s_64", block.down, block.hidden, block.ffn, isa, trits.span())) return std::nullopt;
    hint.correlation_64 += Correlation(rows, ZerosOfColumns(trits.span(), block.hidden, block.ffn));
    neurons += static_cast<double>(block.ffn);
  }
  const double count = static_cast<double>(blocks.size());
  hint.correlation_128 /= count;
  hint.correlation_64 /= count;
  // The standard deviation of a correlation of n independent pairs is about 1 / sqrt(n).
  const double chance = 6.0 / std::sqrt(neurons);
  hint.points_to_128 = hint.correlation_128 > chance && hint.correlation_128 > 2 * hint.correlation_64;
  hint.points_to_64 = hint.correlation_64 > chance && hint.correlation_64 > 2 * hint.correlation_128;
  return hint;
}

}  // namespace bitnet::xtask
