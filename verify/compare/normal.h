// The standard normal distribution, without libm: +, -, *, / and sqrt in a fixed order, so that the same data give the
// same verdict on every machine.

#ifndef VERIFY_COMPARE_NORMAL_H_
#define VERIFY_COMPARE_NORMAL_H_

namespace bitnet::verify {

// P(Z <= x), within 1e-15 of the true value; 0 below -9 and 1 above 9.
double NormalCdf(double x);

// The x with NormalCdf(x) = p, for p in [1e-12, 1 - 1e-12]; within 1e-9 for |x| <= 5.
double NormalQuantile(double p);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_NORMAL_H_
