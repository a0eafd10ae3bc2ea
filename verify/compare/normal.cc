#include "verify/compare/normal.h"

#include <algorithm>
#include <cmath>

#include "absl/log/check.h"
#include "bitnet/base/ca1.h"

namespace bitnet::verify {
namespace {

constexpr double kSqrt2Pi = 2.50662827463100050242;
constexpr double kLimit = 9;

}  // namespace

// Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3*5) + ...): all terms have the sign of x, so nothing cancels among them.
double NormalCdf(double x) {
  if (x < -kLimit) return 0;
  if (x > kLimit) return 1;
  double term = x;
  double sum = x;
  for (double k = 3; std::abs(term) > std::abs(sum) * 1e-17; k += 2) {
    term *= x * x / k;
    sum += term;
  }
  return std::clamp(0.5 + sum * ca1::ExpDouble(-x * x / 2) / kSqrt2Pi, 0.0, 1.0);
}

// A rational approximation within 4.5e-4 (Abramowitz and Stegun, 26.2.23), then Halley's iteration, which triples the
// digits each time.
double NormalQuantile(double p) {
  CHECK(p >= 1e-12 && p <= 1 - 1e-12) << p;
  const double t = std::sqrt(-2 * ca1::LogDouble(std::min(p, 1 - p)));
  double x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  if (p < 0.5) x = -x;
  for (int i = 0; i < 3; ++i) {
    const double step = (NormalCdf(x) - p) * kSqrt2Pi * ca1::ExpDouble(x * x / 2);
    x -= step / (1 + x * step / 2);
  }
  return x;
}

}  // namespace bitnet::verify
