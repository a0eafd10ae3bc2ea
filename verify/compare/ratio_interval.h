// RatioInterval: how fast one side is as a multiple of the other, and how well that is known.

#ifndef VERIFY_COMPARE_RATIO_INTERVAL_H_
#define VERIFY_COMPARE_RATIO_INTERVAL_H_

#include <limits>

namespace bitnet::verify {

// Speed of the current side over speed of the baseline: 1 is equal, above 1 is faster. Each bound holds on its own at
// the one-sided level that it was asked for. A bound that so few runs cannot give is 0 or infinity.
struct RatioInterval {
  double estimate = 0;
  double lower = 0;
  double upper = std::numeric_limits<double>::infinity();
};

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_RATIO_INTERVAL_H_
