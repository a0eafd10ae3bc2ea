#include "bitnet/quant/quantization_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/log/check.h"
#include "bitnet/base/ca1.h"
#include "bitnet/quant/floats/float_kernel_table.h"

namespace bitnet {
namespace {

constexpr double kDecibelsPerE = 4.34294481903251827651;  // 10 / ln 10

double Total(const double (&lanes)[kErrorLanes]) {
  double total = 0;
  for (const double lane : lanes) total += lane;
  return total;
}

}  // namespace

void QuantizationErrorSum::Add(std::span<const float> original, std::span<const float> stored) {
  CHECK_EQ(original.size(), stored.size());
  // Kernels start at lane 0: what comes before and after whole groups of lanes is padded with pairs of zeros, which
  // change no sum.
  while (!original.empty()) {
    const size_t lane = elements_ % kErrorLanes;
    size_t count = original.size();
    if (lane == 0 && count >= kErrorLanes) {
      count -= count % kErrorLanes;
      FloatKernelsFor(isa_).add_error(original.data(), stored.data(), static_cast<int64_t>(count), &lanes_);
    } else {
      count = std::min(count, kErrorLanes - lane);
      float o[kErrorLanes] = {}, d[kErrorLanes] = {};
      std::copy_n(original.begin(), count, o + lane);
      std::copy_n(stored.begin(), count, d + lane);
      FloatKernelsFor(isa_).add_error(o, d, kErrorLanes, &lanes_);
      lanes_.zeros -= kErrorLanes - count;
    }
    elements_ += count;
    original = original.subspan(count);
    stored = stored.subspan(count);
  }
}

QuantizationError QuantizationErrorSum::Finish() const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double signal = Total(lanes_.signal), noise = Total(lanes_.noise), stored = Total(lanes_.stored);
  QuantizationError error;
  error.elements = elements_;
  error.zeros = lanes_.zeros;
  error.max_abs = lanes_.max_abs;
  // Squares of binary32 values and of their differences neither overflow nor vanish in binary64: a sum is 0 only when
  // every term is.
  error.identical = noise == 0;
  if (error.identical) {
    error.snr_db = kInfinity;
  } else if (signal == 0) {
    error.relative_error = kInfinity;
    error.snr_db = -kInfinity;
    error.cosine = 0;
  } else {
    error.relative_error = std::sqrt(noise / signal);
    error.snr_db = kDecibelsPerE * ca1::LogDouble(signal / noise);
    if (stored == 0) {
      error.cosine = 0;
    } else {
      // Two roots, since the product could leave binary64; rounding could leave [-1, 1].
      error.cosine = std::clamp(Total(lanes_.dot) / (std::sqrt(signal) * std::sqrt(stored)), -1.0, 1.0);
    }
  }
  return error;
}

}  // namespace bitnet
