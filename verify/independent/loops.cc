#include "verify/independent/loops.h"

#include <bit>

#include "bitnet/base/cpu_features.h"

// The bodies are inlined into functions of either target, so that no copy of them exists for the linker to choose.
#define BITNET_BODY inline __attribute__((always_inline))

namespace bitnet::verify::independent {
namespace {

constexpr size_t kLanes = 32;

BITNET_BODY float Reduce(float (&lane)[kLanes]) {
  for (size_t half = kLanes / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; ++i) lane[i] = lane[i] + lane[i + half];
  }
  return lane[0];
}

BITNET_BODY float DotBody(const float* a, const float* b, size_t count) {
  float lane[kLanes] = {};
  for (size_t i = 0; i < count; i += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) lane[l] = __builtin_fmaf(a[i + l], b[i + l], lane[l]);
  }
  return Reduce(lane);
}

BITNET_BODY float SumBody(const float* a, size_t count) {
  float lane[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) lane[l] = lane[l] + a[i + l];
  }
  for (size_t l = 0; i + l < count; ++l) lane[l] = lane[l] + a[i + l];
  return Reduce(lane);
}

// The exponential of CA-1 for -87 <= x <= 0.
BITNET_BODY float Exp(float x) {
  const float n = (x * 1.44269504088896340736f + 12582912.0f) - 12582912.0f;
  float r = __builtin_fmaf(-n, 0.693359375f, x);
  r = __builtin_fmaf(-n, -2.12194440054690583e-4f, r);
  float p = 1.9875691500e-4f;
  p = __builtin_fmaf(p, r, 1.3981999507e-3f);
  p = __builtin_fmaf(p, r, 8.3334519073e-3f);
  p = __builtin_fmaf(p, r, 4.1665795894e-2f);
  p = __builtin_fmaf(p, r, 1.6666665459e-1f);
  p = __builtin_fmaf(p, r, 5.0000001201e-1f);
  p = __builtin_fmaf(p, r * r, r) + 1.0f;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(p) + (static_cast<uint32_t>(static_cast<int32_t>(n)) << 23));
}

BITNET_BODY void ExpBelowBody(float* x, float largest, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const float difference = x[i] - largest;
    const float e = Exp(difference >= -87.0f ? difference : 0.0f);
    x[i] = difference >= -87.0f ? e : 0.0f;
  }
}

BITNET_BODY void AddScaledBody(float factor, const float* __restrict x, float* __restrict sums, size_t count) {
  for (size_t i = 0; i < count; i += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) sums[i + l] = __builtin_fmaf(factor, x[i + l], sums[i + l]);
  }
}

// Bits of numbers without their sign ascend as the numbers do, then infinity, then NaN.
BITNET_BODY float LargestMagnitudeBody(const float* x, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(x[i]) & 0x7fffffffu;
    largest = bits > largest ? bits : largest;
  }
  return std::bit_cast<float>(largest);
}

// Exact: a binary16 without its sign has its exponent moved by 112, or is m * 2^-24.
BITNET_BODY void FromF16Body(const uint8_t* halves, float* x, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    uint16_t half;
    __builtin_memcpy(&half, halves + 2 * i, sizeof(half));
    const uint32_t magnitude = half & 0x7fffu;
    const uint32_t small = std::bit_cast<uint32_t>(static_cast<float>(static_cast<int32_t>(magnitude)) * 0x1p-24f);
    const uint32_t bits = magnitude < 0x400u ? small : (magnitude << 13) + (112u << 23);
    x[i] = std::bit_cast<float>(bits | static_cast<uint32_t>(half & 0x8000u) << 16);
  }
}

BITNET_BODY int32_t DotTritsBody(const int16_t* trits, const int16_t* x, size_t count) {
  int32_t sum = 0;
  for (size_t i = 0; i < count; ++i) sum += int32_t{trits[i]} * int32_t{x[i]};
  return sum;
}

// One set of functions: `target` is their attribute.
#define BITNET_LOOPS(target, suffix)                                                                              \
  target float Dot##suffix(const float* a, const float* b, size_t n) { return DotBody(a, b, n); }                 \
  target float Sum##suffix(const float* a, size_t n) { return SumBody(a, n); }                                    \
  target void ExpBelow##suffix(float* x, float largest, size_t n) { ExpBelowBody(x, largest, n); }                \
  target void AddScaled##suffix(float f, const float* x, float* sums, size_t n) { AddScaledBody(f, x, sums, n); } \
  target float Largest##suffix(const float* x, size_t n) { return LargestMagnitudeBody(x, n); }                   \
  target void FromF16##suffix(const uint8_t* halves, float* x, size_t n) { FromF16Body(halves, x, n); }           \
  target int32_t DotTrits##suffix(const int16_t* a, const int16_t* b, size_t n) { return DotTritsBody(a, b, n); } \
  constexpr Loops kLoops##suffix = {Dot##suffix,     Sum##suffix,     ExpBelow##suffix, AddScaled##suffix,        \
                                    Largest##suffix, FromF16##suffix, DotTrits##suffix};

BITNET_LOOPS(, Plain)
#if defined(__x86_64__)
BITNET_LOOPS(__attribute__((target("avx2,fma"))), Avx2)
#endif

}  // namespace

const Loops& PlainLoops() { return kLoopsPlain; }

const Loops& BestLoops() {
#if defined(__x86_64__)
  if (DetectIsaSet().Has(Isa::kAvx2)) return kLoopsAvx2;
#endif
  return kLoopsPlain;
}

}  // namespace bitnet::verify::independent
