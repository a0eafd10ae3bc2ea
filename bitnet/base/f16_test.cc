#include "bitnet/base/f16.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr uint32_t kHalves = 65536;

// The meaning of a half, from IEEE 754-2008 3.4, in double.
double ValueOfHalf(uint32_t half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  const double sign = half & 0x8000 ? -1.0 : 1.0;
  if (exponent == 31) return mantissa == 0 ? sign * HUGE_VAL : std::nan("");
  return exponent == 0 ? sign * std::ldexp(mantissa, -24) : sign * std::ldexp(1024 + mantissa, exponent - 25);
}

// Nearest half of a finite double, ties to even, by rounding to a multiple of the local quantum.
F16 NearestHalf(double value) {
  const F16 sign = std::signbit(value) ? 0x8000 : 0;
  const double magnitude = std::abs(value);
  const int exponent = magnitude == 0 ? -14 : std::max(std::ilogb(magnitude), -14);
  const double steps = std::nearbyint(std::ldexp(magnitude, 10 - exponent));  // 0..2048, default rounding
  // steps = 2048 carries into the next exponent by itself; a denormal has steps < 1024 and exponent field 0.
  const double field = (exponent + 14) * 1024.0 + steps;
  return field >= 31 * 1024 ? sign | 0x7c00 : sign | static_cast<F16>(field);
}

bool IsNan(uint32_t half) { return (half & 0x7fff) > 0x7c00; }

TEST(F16ToF32Test, AllHalvesAreExact) {
  for (uint32_t half = 0; half < kHalves; ++half) {
    const float value = F16ToF32(static_cast<F16>(half));
    if (IsNan(half)) {
      const uint32_t payload = (half & 0x3ff) | 0x200;
      ASSERT_EQ(std::bit_cast<uint32_t>(value), (half & 0x8000) << 16 | 0x7f800000u | payload << 13) << half;
      continue;
    }
    ASSERT_EQ(static_cast<double>(value), ValueOfHalf(half)) << half;
    ASSERT_EQ(std::signbit(value), (half & 0x8000) != 0) << half;
  }
}

TEST(F32ToF16Test, AllHalvesComeBack) {
  for (uint32_t half = 0; half < kHalves; ++half) {
    const F16 back = F32ToF16(F16ToF32(static_cast<F16>(half)));
    ASSERT_EQ(back, IsNan(half) ? half | 0x200 : half);
  }
}

// Between each two neighbours: the floats at and beside the middle, and beside the halves themselves.
TEST(F32ToF16Test, EveryRoundingBoundary) {
  for (uint32_t half = 0; half < 0x7c00; ++half) {
    const float low = F16ToF32(static_cast<F16>(half));
    // Above the largest half the next step would be 65536, which is infinity.
    const float high = half == 0x7bff ? 65536.0f : F16ToF32(static_cast<F16>(half + 1));
    const float middle = low + (high - low) / 2;
    for (const float sign : {1.0f, -1.0f}) {
      const uint32_t s = sign < 0 ? 0x8000 : 0;
      const auto round = [sign](float x) { return F32ToF16(sign * x); };
      ASSERT_EQ(round(middle), (half + (half & 1)) | s) << half;
      ASSERT_EQ(round(std::nextafter(middle, 0.0f)), half | s) << half;
      ASSERT_EQ(round(std::nextafter(middle, 1e30f)), (half + 1) | s) << half;
      ASSERT_EQ(round(std::nextafter(low, 1e30f)), half | s) << half;
      ASSERT_EQ(round(std::nextafter(high, 0.0f)), (half + 1) | s) << half;
    }
  }
}

TEST(F32ToF16Test, AgreesWithTheDoubleFormulation) {
  std::mt19937 random(42);
  for (int i = 0; i < 2'000'000; ++i) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (std::isnan(value)) continue;
    const F16 expected = std::isinf(value) ? static_cast<F16>(value < 0 ? 0xfc00 : 0x7c00) : NearestHalf(value);
    ASSERT_EQ(F32ToF16(value), expected) << value;
    // The same bits with an exponent that a half has.
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const float near = std::bit_cast<float>((bits & 0x807fffffu) | (100 + bits % 46) << 23);
    ASSERT_EQ(F32ToF16(near), NearestHalf(near)) << near;
  }
}

TEST(F32ToF16Test, NanStaysNan) {
  for (const uint32_t bits : {0x7f800001u, 0x7fc00000u, 0xffffffffu, 0xff800001u, 0x7f801fffu}) {
    const F16 half = F32ToF16(std::bit_cast<float>(bits));
    EXPECT_TRUE(IsNan(half)) << bits;
    EXPECT_EQ(half >> 15, bits >> 31) << bits;
  }
}

}  // namespace
}  // namespace bitnet
