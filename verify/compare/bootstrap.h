// The second opinion: BCa bootstrap intervals (bias-corrected and accelerated; Efron 1987) for a ratio of medians.
//
// Resamples are drawn with Philox, a pure function of (seed, resample, draw), so the same runs give the same interval.

#ifndef VERIFY_COMPARE_BOOTSTRAP_H_
#define VERIFY_COMPARE_BOOTSTRAP_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "verify/compare/ratio_interval.h"

namespace bitnet::verify {

struct BootstrapOptions {
  double level = 0.0125;  // one-sided, of either bound
  uint64_t seed = 1;
  size_t resamples = 10000;  // 1 to 1e6
};

// The statistic is the median of `ratios`; 2 to 4096 values, finite and above 0.
RatioInterval PairedBootstrapInterval(std::span<const double> ratios, const BootstrapOptions& options);

// The statistic is median(current) / median(baseline); either side, of as many values, is resampled on its own.
RatioInterval UnpairedBootstrapInterval(std::span<const double> baseline, std::span<const double> current,
                                        const BootstrapOptions& options);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_BOOTSTRAP_H_
