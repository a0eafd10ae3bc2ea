// How far two sets of logits are apart, in the figures that outside engines are compared by. For tests.

#ifndef BITNET_ENGINE_LOGITS_COMPARISON_H_
#define BITNET_ENGINE_LOGITS_COMPARISON_H_

#include <cmath>
#include <cstddef>
#include <span>

namespace bitnet {

struct LogitsComparison {
  double relative = 0;  // RMS of the difference over RMS of the reference, both centred by row
  double cosine_mean = 0;
  double cosine_min = 1;
};

// Both [rows][vocab]; logits are compared up to a constant per row, as softmax is.
inline LogitsComparison CompareLogits(std::span<const float> got, std::span<const float> reference, size_t vocab) {
  LogitsComparison result;
  const size_t rows = reference.size() / vocab;
  double difference = 0, power = 0;
  for (size_t row = 0; row < rows; ++row) {
    const std::span<const float> a = got.subspan(row * vocab, vocab);
    const std::span<const float> b = reference.subspan(row * vocab, vocab);
    double mean_a = 0, mean_b = 0;
    for (size_t i = 0; i < vocab; ++i) {
      mean_a += a[i];
      mean_b += b[i];
    }
    mean_a /= static_cast<double>(vocab);
    mean_b /= static_cast<double>(vocab);
    double aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < vocab; ++i) {
      const double x = a[i] - mean_a, y = b[i] - mean_b;
      aa += x * x;
      bb += y * y;
      ab += x * y;
      difference += (x - y) * (x - y);
    }
    power += bb;
    const double cosine = ab / std::sqrt(aa * bb);
    result.cosine_mean += cosine / static_cast<double>(rows);
    result.cosine_min = std::fmin(result.cosine_min, cosine);
  }
  result.relative = std::sqrt(difference / power);
  return result;
}

}  // namespace bitnet

#endif  // BITNET_ENGINE_LOGITS_COMPARISON_H_
