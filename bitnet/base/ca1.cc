#include "bitnet/base/ca1.h"

#include <bit>
#include <cmath>
#include <limits>

#include "absl/log/check.h"

namespace bitnet::ca1 {

float ReduceLanes(float (&lanes)[kLanes]) {
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] = lanes[i] + lanes[i + half];
  }
  return lanes[0];
}

float Dot(std::span<const float> a, std::span<const float> b) {
  DCHECK_EQ(a.size(), b.size());
  float lanes[kLanes] = {};
  for (size_t i = 0; i < a.size(); ++i) lanes[i % kLanes] = std::fma(a[i], b[i], lanes[i % kLanes]);
  return ReduceLanes(lanes);
}

float Sum(std::span<const float> a) {
  float lanes[kLanes] = {};
  for (size_t i = 0; i < a.size(); ++i) lanes[i % kLanes] = lanes[i % kLanes] + a[i];
  return ReduceLanes(lanes);
}

float Exp(float x) {
  if (!(x >= kExpCutoff)) return 0.0f;
  const float n = (x * kLog2E + kRoundMagic) - kRoundMagic;
  float r = std::fma(-n, kLn2Hi, x);
  r = std::fma(-n, kLn2Lo, r);
  float p = kExpPoly[0];
  for (int i = 1; i < 6; ++i) p = std::fma(p, r, kExpPoly[i]);
  p = std::fma(p, r * r, r) + 1.0f;
  // p is in [0.7, 1.42) and n >= -126, so adding n to the exponent field cannot leave the normal range.
  return std::bit_cast<float>(std::bit_cast<int32_t>(p) + (static_cast<int32_t>(n) << 23));
}

double ExpDouble(double x) {
  // Beyond these the result is infinite or rounds to zero, and n would not fit an int.
  if (x > 710.0) return std::numeric_limits<double>::infinity();
  if (x < -746.0) return 0.0;
  // x = n ln 2 + r, |r| <= 0.35; Taylor to r^18 leaves 2^-80 relative.
  constexpr double kLn2HiDouble = 6.93147180369123816490e-01;
  constexpr double kLn2LoDouble = 1.90821492927058770002e-10;
  const double n = std::floor(x * 1.44269504088896338700 + 0.5);
  const double r = std::fma(-n, kLn2LoDouble, std::fma(-n, kLn2HiDouble, x));
  double sum = 1.0;
  for (int k = 18; k >= 1; --k) sum = std::fma(sum, r / k, 1.0);
  return std::ldexp(sum, static_cast<int>(n));
}

double LogDouble(double x) {
  CHECK_GT(x, 0.0);
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // [0.5, 1)
  if (m < 0.70710678118654752440) {
    m *= 2;
    --exponent;
  }
  // ln m = 2 atanh((m - 1) / (m + 1)); |t| <= 0.172, so t^42 / 21 is below 2^-106.
  const double t = (m - 1) / (m + 1);
  const double t2 = t * t;
  double sum = 0.0;
  for (int k = 41; k >= 1; k -= 2) sum = std::fma(sum, t2, 1.0 / k);
  return std::fma(static_cast<double>(exponent), 0.69314718055994530942, 2 * t * sum);
}

void SinCosDouble(double x, double* sine, double* cosine) {
  // x = q pi/2 + r by a two-part pi/2 (Cody-Waite), |r| <= pi/4; Taylor terms past r^21 are below 2^-70.
  constexpr double kPiOver2Hi = 1.57079632673412561417e+00;  // 33 bits: q * hi is exact for q < 2^20
  constexpr double kPiOver2Lo = 6.07710050630396597660e-11;
  constexpr double kPiOver2Tail = 2.02226624879595063154e-21;
  const double q = std::floor(x * 0.63661977236758134308 + 0.5);
  double r = std::fma(-q, kPiOver2Hi, x);
  r = std::fma(-q, kPiOver2Lo, r);
  r = std::fma(-q, kPiOver2Tail, r);
  const double r2 = r * r;
  double s = 1.0;
  double c = 1.0;
  for (int k = 20; k >= 2; k -= 2) s = std::fma(s, -r2 / (static_cast<double>(k) * (k + 1)), 1.0);
  for (int k = 19; k >= 1; k -= 2) c = std::fma(c, -r2 / (static_cast<double>(k) * (k + 1)), 1.0);
  s *= r;
  switch (static_cast<int64_t>(q) & 3) {
    case 0:
      *sine = s;
      *cosine = c;
      break;
    case 1:
      *sine = c;
      *cosine = -s;
      break;
    case 2:
      *sine = -s;
      *cosine = -c;
      break;
    default:
      *sine = -c;
      *cosine = s;
      break;
  }
}

}  // namespace bitnet::ca1
