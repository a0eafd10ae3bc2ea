// Both compilations of every loop are CA-1 as bitnet/base defines it, bit for bit.

#include "verify/independent/loops.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "bitnet/base/ca1.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/philox.h"
#include "gtest/gtest.h"

namespace bitnet::verify::independent {
namespace {

uint32_t Bits(float x) { return std::bit_cast<uint32_t>(x); }

// Of very different sizes and both signs, so that the order of a sum shows.
std::vector<float> Values(size_t count, uint64_t stream) {
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) {
    const auto words = PhiloxAt(3, stream, i);
    values.push_back(
        std::ldexp(static_cast<float>(static_cast<int32_t>(words[0])), static_cast<int>(words[1] % 24) - 43));
  }
  return values;
}

class LoopsTest : public testing::TestWithParam<const Loops*> {
 protected:
  const Loops& loops() const { return *GetParam(); }
};

TEST_P(LoopsTest, DotAndSumAreThoseOfCa1) {
  for (size_t count : {32, 64, 96, 128, 640, 2560, 6912}) {
    const std::vector<float> a = Values(count, 1);
    const std::vector<float> b = Values(count, 2);
    EXPECT_EQ(Bits(loops().dot(a.data(), b.data(), count)), Bits(ca1::Dot(a, b))) << count;
    EXPECT_EQ(Bits(loops().dot(a.data(), a.data(), count)), Bits(ca1::Dot(a, a))) << count;
  }
  for (size_t count = 0; count < 300; ++count) {
    const std::vector<float> a = Values(count, count);
    EXPECT_EQ(Bits(loops().sum(a.data(), count)), Bits(ca1::Sum(a))) << count;
  }
}

TEST_P(LoopsTest, ExpIsThatOfCa1) {
  std::vector<float> x;
  for (uint32_t i = 0; i <= 200000; ++i) x.push_back(-static_cast<float>(i) * 4.5e-4f);
  for (const float edge : {-87.0f, std::nextafter(-87.0f, -100.0f), std::nextafter(-87.0f, 0.0f), -1e30f, -1e-40f,
                           -0.0f, -std::numeric_limits<float>::infinity()}) {
    x.push_back(edge);
  }
  std::vector<float> got = x;
  loops().exp_below(got.data(), 0.0f, got.size());
  for (size_t i = 0; i < x.size(); ++i) ASSERT_EQ(Bits(got[i]), Bits(ca1::Exp(x[i]))) << x[i];
  // The largest is taken off first, and rounded.
  std::vector<float> scores = Values(777, 5);
  const float largest = *std::max_element(scores.begin(), scores.end());
  std::vector<float> weights = scores;
  loops().exp_below(weights.data(), largest, weights.size());
  for (size_t i = 0; i < scores.size(); ++i) ASSERT_EQ(Bits(weights[i]), Bits(ca1::Exp(scores[i] - largest)));
}

TEST_P(LoopsTest, AddScaledIsOneFmaEach) {
  const std::vector<float> x = Values(256, 6);
  std::vector<float> sums = Values(256, 7);
  const std::vector<float> before = sums;
  loops().add_scaled(0.3f, x.data(), sums.data(), sums.size());
  for (size_t i = 0; i < x.size(); ++i) ASSERT_EQ(Bits(sums[i]), Bits(std::fma(0.3f, x[i], before[i])));
}

TEST_P(LoopsTest, LargestMagnitude) {
  EXPECT_EQ(Bits(loops().largest_magnitude(nullptr, 0)), Bits(0.0f));
  for (size_t count : {1, 7, 8, 9, 31, 128, 513}) {
    std::vector<float> x = Values(count, count);
    float largest = 0;
    for (const float value : x) largest = std::max(largest, std::fabs(value));
    EXPECT_EQ(loops().largest_magnitude(x.data(), count), largest);
    x[count / 2] = -std::numeric_limits<float>::infinity();
    EXPECT_TRUE(std::isinf(loops().largest_magnitude(x.data(), count)));
    x[count - 1] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(std::isnan(loops().largest_magnitude(x.data(), count)));
  }
}

TEST_P(LoopsTest, EveryFiniteHalfIsConvertedExactly) {
  std::vector<F16> halves;
  for (uint32_t half = 0; half < 0x10000; ++half) {
    if ((half & 0x7c00) != 0x7c00) halves.push_back(static_cast<F16>(half));
  }
  halves.push_back(1);  // a tail of one
  std::vector<float> got(halves.size());
  loops().from_f16(reinterpret_cast<const uint8_t*>(halves.data()), got.data(), halves.size());
  for (size_t i = 0; i < halves.size(); ++i) ASSERT_EQ(Bits(got[i]), Bits(F16ToF32(halves[i]))) << halves[i];
}

TEST_P(LoopsTest, DotTritsIsExact) {
  for (size_t count : {128, 256, 384, 65536}) {
    std::vector<int16_t> trits;
    std::vector<int16_t> x;
    int64_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      const auto words = PhiloxAt(8, count, i);
      trits.push_back(static_cast<int16_t>(static_cast<int>(words[0] % 3) - 1));
      x.push_back(static_cast<int16_t>(static_cast<int>(words[1] % 256) - 128));
      sum += trits.back() * x.back();
    }
    EXPECT_EQ(loops().dot_trits(trits.data(), x.data(), count), sum);
    const std::vector<int16_t> minus(count, -1);
    const std::vector<int16_t> least(count, -128);
    EXPECT_EQ(loops().dot_trits(minus.data(), least.data(), count), static_cast<int64_t>(count) * 128);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, LoopsTest, testing::Values(&PlainLoops(), &BestLoops()),
                         [](const auto& info) { return info.index == 0 ? "Plain" : "Best"; });

}  // namespace
}  // namespace bitnet::verify::independent
