#include "bitnet/quant/weight_pattern.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr size_t kCount = 100000;

std::vector<float> Pattern(WeightPattern pattern, uint64_t seed = 1) {
  std::vector<float> values(kCount);
  FillPattern(pattern, seed, values);
  return values;
}

double Moment(const std::vector<float>& values, int power) {
  double sum = 0;
  for (const float value : values) sum += std::pow(static_cast<double>(value), power);
  return sum / static_cast<double>(values.size());
}

TEST(WeightPatternTest, NamesDiffer) {
  std::set<std::string_view> names;
  for (const WeightPattern pattern : WeightPatterns()) names.insert(WeightPatternName(pattern));
  EXPECT_EQ(names.size(), 6u);
  EXPECT_FALSE(names.contains(""));
}

TEST(WeightPatternTest, GaussianHasTheMomentsOfANormalDistribution) {
  const std::vector<float> values = Pattern(WeightPattern::kGaussian);
  // Within five standard errors of kCount samples.
  const double root = std::sqrt(static_cast<double>(kCount));
  EXPECT_NEAR(Moment(values, 1) / 0.02, 0, 5 / root);
  EXPECT_NEAR(Moment(values, 2) / std::pow(0.02, 2), 1, 5 * std::sqrt(2) / root);
  EXPECT_NEAR(Moment(values, 4) / std::pow(0.02, 4), 3, 5 * std::sqrt(96) / root);
  EXPECT_NE(values, Pattern(WeightPattern::kGaussian, 2));
}

TEST(WeightPatternTest, SparseTernaryAndBinaryHoldWhatTheySay) {
  const auto share = [](const std::vector<float>& values, float value) {
    return static_cast<double>(std::count(values.begin(), values.end(), value)) / static_cast<double>(kCount);
  };
  EXPECT_NEAR(share(Pattern(WeightPattern::kSparse), 0.0f), 0.9, 0.005);
  const std::vector<float> ternary = Pattern(WeightPattern::kTernary), binary = Pattern(WeightPattern::kBinary);
  for (const float value : {-kPatternScale, 0.0f, kPatternScale}) EXPECT_NEAR(share(ternary, value), 1.0 / 3, 0.01);
  EXPECT_DOUBLE_EQ(share(ternary, 0.0f) + share(ternary, kPatternScale) + share(ternary, -kPatternScale), 1.0);
  EXPECT_DOUBLE_EQ(share(binary, kPatternScale) + share(binary, -kPatternScale), 1.0);
  EXPECT_NEAR(share(binary, kPatternScale), 0.5, 0.01);
}

TEST(WeightPatternTest, RampAndSine) {
  const std::vector<float> ramp = Pattern(WeightPattern::kSequential), sine = Pattern(WeightPattern::kSine);
  EXPECT_EQ(ramp[0], -1.0f);
  EXPECT_NEAR(ramp[1020], 1.0f, 1e-6);
  EXPECT_EQ(ramp[1021], -1.0f);
  for (size_t i = 0; i < kCount; i += 997) EXPECT_NEAR(sine[i], std::sin(static_cast<double>(i) / 10), 1e-7);
}

}  // namespace
}  // namespace bitnet
