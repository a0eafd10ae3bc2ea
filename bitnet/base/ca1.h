// CA-1, the arithmetic profile: one definition of every float operation whose result could depend on the order
// or the machine. Each vector kernel must return the same bits as these scalar functions (docs/kernels.md).
//
// Nothing here calls libm's transcendental functions: their last digit differs between versions. std::fma and
// std::sqrt are correctly rounded by IEEE 754 and may be used anywhere.

#ifndef BITNET_BASE_CA1_H_
#define BITNET_BASE_CA1_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace bitnet::ca1 {

inline constexpr char kProfile[] = "bitnet-t2i8-int32-ca1";

// Reductions run over 32 virtual lanes: element i belongs to lane i % 32 (four AVX2, two AVX-512 registers).
inline constexpr int kLanes = 32;

// Softmax and P*V are cut into blocks of this many absolute key positions, combined in block order.
inline constexpr int kAttentionBlock = 256;

// Adds 32 lanes as a tree: lane[i] += lane[i + 16], then 8, 4, 2, 1. Destroys `lanes`.
float ReduceLanes(float (&lanes)[kLanes]);

// lane = fma(a, b, lane), then ReduceLanes. Both spans have `a.size()` elements.
float Dot(std::span<const float> a, std::span<const float> b);

// lane = lane + a, then ReduceLanes.
float Sum(std::span<const float> a);

// e^x for x <= 0, as softmax needs it: below kExpCutoff exactly 0. At most 1.02 ulp from the true value above it (the
// maximum over all binary32 inputs is 1.011), and never above 1.
//   n = round(x * log2(e));  r = fma(-n, ln2_hi, x);  r = fma(-n, ln2_lo, r);  polynomial in r by fma;  times 2^n
inline constexpr float kExpCutoff = -87.0f;  // e^-87 = 1.6e-38 is still a normal binary32 value
inline constexpr float kLog2E = 1.44269504088896340736f;
inline constexpr float kLn2Hi = 0.693359375f;  // 9 significant bits: n * kLn2Hi is exact
inline constexpr float kLn2Lo = -2.12194440054690583e-4f;
// (x + kRoundMagic) - kRoundMagic rounds |x| < 2^22 to the nearest integer, ties to even, on every machine.
inline constexpr float kRoundMagic = 12582912.0f;  // 1.5 * 2^23
// Horner coefficients of (e^r - 1 - r) / r^2 for |r| <= ln(2)/2, highest power first (Cephes expf).
inline constexpr float kExpPoly[] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f,
                                     4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};
float Exp(float x);

// Fixed-order double routines for tables made at load time (RoPE): + - * / and fma only. Within 1.5, 3.5 and 3.5 ulp of
// the true value (0.9, 2.7 and 2.9 measured).
double ExpDouble(double x);                                 // not NaN; infinite above 710, 0 below -746
double LogDouble(double x);                                 // finite, > 0
void SinCosDouble(double x, double* sine, double* cosine);  // |x| < 2^30

}  // namespace bitnet::ca1

#endif  // BITNET_BASE_CA1_H_
