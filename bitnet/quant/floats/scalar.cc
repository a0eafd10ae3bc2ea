// Portable kernels: the definition that the vector files must equal.

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "bitnet/base/f16.h"
#include "bitnet/quant/floats/float_kernels.h"

namespace bitnet {
namespace {

constexpr uint32_t kMagnitude = 0x7fffffff;

BlockStats Stats(const float* x, int64_t n) {
  double lanes[kStatsLanes] = {};
  uint32_t max = 0;
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(x[i]) & kMagnitude;
    max = bits > max ? bits : max;
    lanes[i % kStatsLanes] += static_cast<double>(std::bit_cast<float>(bits));
  }
  for (int half = kStatsLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return {max, lanes[0]};
}

int64_t FirstOther(const float* x, int64_t n, uint32_t magnitude) {
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(x[i]) & kMagnitude;
    if (bits != 0 && bits != magnitude) return i;
  }
  return n;
}

void Quantize(const float* x, int64_t n, float scale, int8_t* trits) {
  for (int64_t i = 0; i < n; ++i) {
    const float twice = x[i] + x[i];
    trits[i] = static_cast<int8_t>((twice > scale) - (twice < -scale));
  }
}

void Dequantize(const int8_t* trits, int64_t n, float scale, float* x) {
  for (int64_t i = 0; i < n; ++i) x[i] = scale * static_cast<float>(trits[i]);
}

uint16_t LoadHalf(const uint8_t* halves, int64_t i) {
  return static_cast<uint16_t>(halves[2 * i] | halves[2 * i + 1] << 8);
}

void FromBf16(const uint8_t* halves, int64_t n, float* x) {
  for (int64_t i = 0; i < n; ++i) x[i] = std::bit_cast<float>(uint32_t{LoadHalf(halves, i)} << 16);
}

void FromF16(const uint8_t* halves, int64_t n, float* x) {
  for (int64_t i = 0; i < n; ++i) x[i] = F16ToF32(LoadHalf(halves, i));
}

void AddError(const float* original, const float* stored, int64_t n, ErrorLanes* lanes) {
  for (int64_t i = 0; i < n; ++i) {
    const double o = static_cast<double>(original[i]), d = static_cast<double>(stored[i]);
    const double difference = o - d;
    const int64_t lane = i % kErrorLanes;
    lanes->signal[lane] += o * o;
    lanes->noise[lane] += difference * difference;
    lanes->stored[lane] += d * d;
    lanes->dot[lane] += o * d;
    lanes->max_abs = std::fabs(difference) > lanes->max_abs ? std::fabs(difference) : lanes->max_abs;
    lanes->zeros += stored[i] == 0 ? 1 : 0;
  }
}

}  // namespace

const FloatKernels kFloatKernelsScalar = {Stats, FirstOther, Quantize, Dequantize, FromBf16, FromF16, AddError};

}  // namespace bitnet
