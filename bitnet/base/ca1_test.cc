#include "bitnet/base/ca1.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "bitnet/base/sha256.h"
#include "gtest/gtest.h"

namespace bitnet::ca1 {
namespace {

constexpr size_t kSizes[] = {0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 640, 2560, 6912};

std::vector<float> RandomFloats(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  // Magnitudes 2^-20 to 2^20, so that the order of additions shows in the result.
  for (float& value : values) {
    value =
        std::ldexp(static_cast<float>(static_cast<int32_t>(random())) * 0x1p-31f, static_cast<int>(random() % 41) - 20);
  }
  return values;
}

// The profile's text: zero-padded to whole rows of 32, one row after the other, then the tree by recursion.
float TreeOf(const std::vector<float>& lanes) {
  if (lanes.size() == 1) return lanes[0];
  const size_t half = lanes.size() / 2;
  std::vector<float> sums(half);
  for (size_t i = 0; i < half; ++i) sums[i] = lanes[i] + lanes[i + half];
  return TreeOf(sums);
}

float NaiveDot(std::vector<float> a, std::vector<float> b) {
  a.resize((a.size() + 31) / 32 * 32, 0.0f);
  b.resize(a.size(), 0.0f);
  std::vector<float> lanes(32, 0.0f);
  for (size_t row = 0; row < a.size(); row += 32) {
    for (size_t lane = 0; lane < 32; ++lane) lanes[lane] = std::fma(a[row + lane], b[row + lane], lanes[lane]);
  }
  return TreeOf(lanes);
}

float NaiveSum(std::vector<float> a) {
  a.resize((a.size() + 31) / 32 * 32, 0.0f);
  std::vector<float> lanes(32, 0.0f);
  for (size_t row = 0; row < a.size(); row += 32) {
    for (size_t lane = 0; lane < 32; ++lane) lanes[lane] += a[row + lane];
  }
  return TreeOf(lanes);
}

TEST(ReductionTest, DotAndSumEqualTheLaneFormulation) {
  for (const size_t size : kSizes) {
    for (uint32_t seed = 1; seed <= 5; ++seed) {
      const std::vector<float> a = RandomFloats(size, seed), b = RandomFloats(size, seed + 100);
      EXPECT_EQ(std::bit_cast<uint32_t>(Dot(a, b)), std::bit_cast<uint32_t>(NaiveDot(a, b))) << size;
      EXPECT_EQ(std::bit_cast<uint32_t>(Sum(a)), std::bit_cast<uint32_t>(NaiveSum(a))) << size;
    }
  }
}

TEST(ReductionTest, OrderIsLanesNotSequence) {
  // 2^24 swallows a one added to it: a sequential sum gives 2^24, the lanes keep the ones together.
  std::vector<float> a(65, 0.0f);
  a[0] = 0x1p24f;
  a[1] = 1.0f;   // lane 1
  a[33] = 1.0f;  // lane 1
  EXPECT_EQ(Sum(a), 0x1p24f + 2.0f);
  EXPECT_EQ(Dot(a, std::vector<float>(65, 1.0f)), 0x1p24f + 2.0f);
}

TEST(ReductionTest, DotRoundsOncePerElement) {
  // (1 + 2^-23)^2 - (1 + 2^-22) = 2^-46 exactly; a rounded product would give 0.
  const float x = 1.0f + 0x1p-23f;
  std::vector<float> a(33, 0.0f), b(33, 0.0f);
  a[0] = -(1.0f + 0x1p-22f), b[0] = 1.0f;
  a[32] = x, b[32] = x;
  EXPECT_EQ(Dot(a, b), 0x1p-46f);
}

long double UlpsOfFloat(float got, long double truth) {
  int exponent = 0;
  std::frexp(truth, &exponent);
  return std::abs(got - truth) / std::ldexp(1.0L, exponent - 24);
}

long double UlpsOfDouble(double got, long double truth) {
  int exponent = 0;
  std::frexp(truth, &exponent);
  return std::abs(got - truth) / std::ldexp(1.0L, std::max(exponent, -1021) - 53);
}

TEST(ExpTest, SpecialValues) {
  EXPECT_EQ(Exp(0.0f), 1.0f);
  EXPECT_EQ(Exp(-0.0f), 1.0f);
  EXPECT_GT(Exp(kExpCutoff), 1.6e-38f);
  EXPECT_EQ(Exp(std::nextafter(kExpCutoff, -100.0f)), 0.0f);
  EXPECT_EQ(Exp(-1e30f), 0.0f);
  EXPECT_EQ(Exp(-HUGE_VALF), 0.0f);
  EXPECT_EQ(Exp(-0x1p-149f), 1.0f);
}

TEST(ExpTest, ErrorBoundOfTheHeader) {
  long double worst = 0;
  for (uint32_t bits = 0x80000000u; bits <= std::bit_cast<uint32_t>(kExpCutoff); bits += 1009) {
    const float x = std::bit_cast<float>(bits);
    worst = std::max(worst, UlpsOfFloat(Exp(x), std::exp(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, 1.02L);
  EXPECT_GT(worst, 0.5L) << "the measurement itself is broken";
}

TEST(ExpTest, NeverRisesAboveOneNorTurnsNegative) {
  for (uint32_t bits = 0x80000000u; bits <= std::bit_cast<uint32_t>(-100.0f); bits += 1013) {
    const float p = Exp(std::bit_cast<float>(bits));
    ASSERT_TRUE(p >= 0.0f && p <= 1.0f) << std::bit_cast<float>(bits);
  }
}

// The bits themselves, pinned: any compiler, optimisation level or instruction set must give these.
TEST(ExpTest, BitsArePinned) {
  Sha256 hash;
  for (uint32_t bits = 0x80000000u; bits <= std::bit_cast<uint32_t>(-90.0f); bits += 10007) {
    hash.UpdateU32(std::bit_cast<uint32_t>(Exp(std::bit_cast<float>(bits))));
  }
  EXPECT_EQ(ToHex(hash.Finish()), "8b752328a5a4572e994b70c1ca1493612feb0ff83639a3c4dd3af6e0545472ef");
}

class DoubleTest : public testing::Test {
 protected:
  // Uniform in [low, high).
  double Uniform(double low, double high) { return low + (high - low) * (random_() * 0x1p-64); }

  std::mt19937_64 random_{2024};
};

TEST_F(DoubleTest, ExpDouble) {
  for (int i = 0; i < 200'000; ++i) {
    const double x = Uniform(-700, 700);
    ASSERT_LT(UlpsOfDouble(ExpDouble(x), std::exp(static_cast<long double>(x))), 1.5L) << x;
  }
  EXPECT_EQ(ExpDouble(0.0), 1.0);
  EXPECT_EQ(ExpDouble(1000.0), HUGE_VAL);
  EXPECT_EQ(ExpDouble(1e300), HUGE_VAL);
  EXPECT_EQ(ExpDouble(-1000.0), 0.0);
  EXPECT_EQ(ExpDouble(-1e300), 0.0);
}

TEST_F(DoubleTest, LogDouble) {
  for (int i = 0; i < 200'000; ++i) {
    const double x = i % 2 == 0 ? std::exp(Uniform(-700, 700)) : Uniform(0.4, 2.4);
    const long double truth = std::log(static_cast<long double>(x));
    if (truth == 0) continue;
    ASSERT_LT(UlpsOfDouble(LogDouble(x), truth), 3.5L) << x;
  }
  EXPECT_EQ(LogDouble(1.0), 0.0);
  EXPECT_LT(UlpsOfDouble(LogDouble(0x1p-1074), std::log(0x1p-1074L)), 3.5L);
}

TEST_F(DoubleTest, SinCosDouble) {
  constexpr double kRanges[] = {1.0, 100.0, 131072.0, 0x1p30};  // 131072: a context of 2^17 positions
  for (const double range : kRanges) {
    for (int i = 0; i < 100'000; ++i) {
      const double x = Uniform(-range, range);
      double sine = 0, cosine = 0;
      SinCosDouble(x, &sine, &cosine);
      ASSERT_LT(UlpsOfDouble(sine, std::sin(static_cast<long double>(x))), 3.5L) << x;
      ASSERT_LT(UlpsOfDouble(cosine, std::cos(static_cast<long double>(x))), 3.5L) << x;
    }
  }
  double sine = 1, cosine = 0;
  SinCosDouble(0.0, &sine, &cosine);
  EXPECT_EQ(sine, 0.0);
  EXPECT_EQ(cosine, 1.0);
}

// Where the result almost vanishes, the reduction by pi/2 must keep all digits.
TEST_F(DoubleTest, SinCosDoubleNearMultiplesOfHalfPi) {
  for (int q = 1; q < 83443; q += 7) {  // up to 2^17
    const double x = static_cast<double>(q * 1.57079632679489661923132169163975144L);
    double sine = 0, cosine = 0;
    SinCosDouble(x, &sine, &cosine);
    ASSERT_LT(UlpsOfDouble(sine, std::sin(static_cast<long double>(x))), 3.5L) << x;
    ASSERT_LT(UlpsOfDouble(cosine, std::cos(static_cast<long double>(x))), 3.5L) << x;
  }
}

TEST_F(DoubleTest, BitsArePinned) {
  Sha256 hash;
  const auto add = [&hash](double value) { hash.UpdateU64(std::bit_cast<uint64_t>(value)); };
  for (int i = 1; i < 20'000; ++i) {
    double sine = 0, cosine = 0;
    SinCosDouble(i * 0.37, &sine, &cosine);
    add(sine);
    add(cosine);
    add(ExpDouble((i - 10'000) * 0.07));
    add(LogDouble(i * 0.11));
  }
  EXPECT_EQ(ToHex(hash.Finish()), "b3de94515b66ce46b4ff34bff368ad4d9caf1faf085a81a3a65bfceaf7514882");
}

}  // namespace
}  // namespace bitnet::ca1
