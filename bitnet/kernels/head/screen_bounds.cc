#include "bitnet/kernels/head/screen_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bitnet {
namespace {

constexpr int32_t kLargestCode = 8191;
// Below this a step would be subnormal or its inverse overflow; such a hidden state stays without codes, and its whole
// norm is what the codes lack.
constexpr double kSmallest = 1e-30;
// Values whose largest is compared at a time.
constexpr size_t kBlock = 16;

float LargestOf(const float* values) {
  float largest[kBlock / 2];
  for (size_t i = 0; i < kBlock / 2; ++i) largest[i] = std::max(values[i], values[i + kBlock / 2]);
  for (size_t width = kBlock / 4; width > 0; width /= 2) {
    for (size_t i = 0; i < width; ++i) largest[i] = std::max(largest[i], largest[i + width]);
  }
  return largest[0];
}

// Calls visit(i) for each values[i], by blocks whose largest value passes.
template <typename Passes, typename Visit>
void VisitBlocks(std::span<const float> values, Passes passes, Visit visit) {
  size_t i = 0;
  for (; i + kBlock <= values.size(); i += kBlock) {
    if (!passes(LargestOf(values.data() + i))) continue;
    for (size_t j = i; j < i + kBlock; ++j) visit(j);
  }
  for (; i < values.size(); ++i) visit(i);
}

}  // namespace

RoundedHidden RoundHidden(std::span<const float> h, uint8_t* high, uint8_t* low) {
  double largest = 0;
  double squares = 0;
  for (const float value : h) {
    largest = std::max(largest, std::fabs(double{value}));
    squares += double{value} * double{value};
  }
  const bool coded = largest >= kSmallest && std::isfinite(squares);
  const double inverse = coded ? kLargestCode / largest : 0;
  RoundedHidden result;
  result.step = coded ? largest / kLargestCode : 0;
  double rests = 0;
  for (size_t i = 0; i < h.size(); ++i) {
    const int32_t x = coded ? static_cast<int32_t>(std::nearbyint(double{h[i]} * inverse)) : 0;
    const double rest = double{h[i]} - result.step * x;
    rests += rest * rest;
    high[i] = static_cast<uint8_t>((x >> 7) + 64);
    low[i] = static_cast<uint8_t>(x & 127);
  }
  const double dim = static_cast<double>(h.size());
  const double lost = (dim / 32 + 8) * 0x1p-24 * (1 + 0x1p-8);  // of sums in CA-1
  // The sums above are binary64: 2^-30 is more than they lose.
  result.norm = std::sqrt(squares) * (1 + 0x1p-30);
  const double rest_norm = std::sqrt(rests) * (1 + 0x1p-30) + result.norm * 0x1p-40;
  result.rest_factor = result.norm * (1 + lost) * (1 + 0x1p-30);
  result.norm_factor = (rest_norm + lost * result.norm) * (1 + 0x1p-30);
  return result;
}

float KthLargest(std::span<const float> values, int64_t keep, std::vector<float>& best) {
  best.assign(static_cast<size_t>(keep), -std::numeric_limits<float>::infinity());
  VisitBlocks(
      values, [&](float largest) { return largest > best.front(); },
      [&](size_t i) {
        if (!(values[i] > best.front())) return;
        // The smallest goes, and the new one slides to its place.
        size_t at = 0;
        for (; at + 1 < best.size() && best[at + 1] < values[i]; ++at) best[at] = best[at + 1];
        best[at] = values[i];
      });
  return best.front();
}

float AtMostLess(float value, double within) {
  const double exact = double{value} - within;
  if (!(exact >= -std::numeric_limits<float>::max())) return -std::numeric_limits<float>::infinity();
  const float rounded = static_cast<float>(exact);
  return rounded > exact ? std::nextafter(rounded, -std::numeric_limits<float>::infinity()) : rounded;
}

bool CollectAtLeast(std::span<const float> values, float threshold, int64_t limit, std::vector<int32_t>& indices) {
  indices.clear();
  bool within = true;
  VisitBlocks(
      values, [&](float largest) { return within && largest >= threshold; },
      [&](size_t i) {
        if (!(values[i] >= threshold) || !within) return;
        within = static_cast<int64_t>(indices.size()) < limit;
        if (within) indices.push_back(static_cast<int32_t>(i));
      });
  return within;
}

}  // namespace bitnet
