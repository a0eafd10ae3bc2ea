// Loops over float weights, one set of functions for each instruction set; all sets give the same bits. Includes
// nothing but plain data: see bitnet/kernels/isa.bzl.
//
// Why they agree: conversions and comparisons are exact, maxima are exact, and sums are binary64 over a fixed number of
// lanes (element i belongs to lane i mod lanes) that are added as a tree, lane[i] += lane[i + half].

#ifndef BITNET_QUANT_FLOATS_FLOAT_KERNELS_H_
#define BITNET_QUANT_FLOATS_FLOAT_KERNELS_H_

#include <cstdint>

namespace bitnet {

// Sums of magnitudes are taken over blocks of this many elements and added block after block, so that the sum of a
// matrix does not depend on how it was cut into calls.
inline constexpr int64_t kStatsBlock = 4096;
inline constexpr int kStatsLanes = 32;

struct BlockStats {
  uint32_t max_bits;  // the largest bit pattern without its sign: orders as |x| does, with NaN above infinity
  double sum;         // of |x|
};

// Sums over pairs of an original value o and what was stored for it, d. Lane i mod 8 has pair i.
inline constexpr int kErrorLanes = 8;
struct ErrorLanes {
  double signal[kErrorLanes] = {};  // o^2
  double noise[kErrorLanes] = {};   // (o - d)^2
  double stored[kErrorLanes] = {};  // d^2
  double dot[kErrorLanes] = {};     // o d
  double max_abs = 0;               // |o - d|
  uint64_t zeros = 0;               // d that are zero
};

struct FloatKernels {
  // x [n], n <= kStatsBlock.
  BlockStats (*stats)(const float* x, int64_t n);
  // The first of x [n] whose bits without sign are neither 0 nor `magnitude`; n when there is none.
  int64_t (*first_other)(const float* x, int64_t n, uint32_t magnitude);
  // trits[i] = 2 |x[i]| > scale ? sign of x[i] : 0. x [n] finite, scale >= 0 and finite.
  void (*quantize)(const float* x, int64_t n, float scale, int8_t* trits);
  // x[i] = scale * trits[i]. trits [n] in {-1, 0, +1}, scale >= 0 and finite.
  void (*dequantize)(const int8_t* trits, int64_t n, float scale, float* x);
  // Little-endian halves [n], any alignment, to x [n]: exact.
  void (*from_bf16)(const uint8_t* halves, int64_t n, float* x);
  void (*from_f16)(const uint8_t* halves, int64_t n, float* x);
  // Adds n pairs, n a multiple of kErrorLanes, all finite.
  void (*add_error)(const float* original, const float* stored, int64_t n, ErrorLanes* lanes);
};

extern const FloatKernels kFloatKernelsScalar;
extern const FloatKernels kFloatKernelsAvx2;
extern const FloatKernels kFloatKernelsAvx512;

}  // namespace bitnet

#endif  // BITNET_QUANT_FLOATS_FLOAT_KERNELS_H_
