#include "verify/compare/normal.h"

#include <cmath>

#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

TEST(NormalTest, TheDistributionIsThatOfTheComplementaryErrorFunction) {
  for (double x = -9; x <= 9; x += 1.0 / 64) {
    EXPECT_NEAR(NormalCdf(x), 0.5 * std::erfc(-x / std::sqrt(2.0)), 1e-14) << x;
  }
  EXPECT_EQ(NormalCdf(-50), 0);
  EXPECT_EQ(NormalCdf(50), 1);
  EXPECT_EQ(NormalCdf(0), 0.5);
}

TEST(NormalTest, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(NormalQuantile(0.5), 0, 1e-12);
  EXPECT_NEAR(NormalQuantile(0.95), 1.6448536269514722, 1e-9);
  EXPECT_NEAR(NormalQuantile(0.975), 1.9599639845400545, 1e-9);
  EXPECT_NEAR(NormalQuantile(0.9875), 2.2414027276049464, 1e-9);
  EXPECT_NEAR(NormalQuantile(0.995), 2.5758293035489004, 1e-9);
  EXPECT_NEAR(NormalQuantile(0.9995), 3.2905267314918945, 1e-9);
  EXPECT_NEAR(NormalQuantile(0.0125), -2.2414027276049464, 1e-9);
}

TEST(NormalTest, AQuantileHasItsProbability) {
  for (double p = 1.0 / 8192; p < 1; p += 1.0 / 8192) EXPECT_NEAR(NormalCdf(NormalQuantile(p)), p, 1e-13) << p;
  for (const double p : {1e-12, 1e-9, 1e-6}) {
    EXPECT_NEAR(NormalCdf(NormalQuantile(p)) / p, 1, 1e-3) << p;
    EXPECT_NEAR(NormalQuantile(1 - p), -NormalQuantile(p), 1e-3) << p;
  }
}

}  // namespace
}  // namespace bitnet::verify
