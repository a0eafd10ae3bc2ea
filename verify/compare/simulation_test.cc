// The gate's error rates on made-up runs, through the shipped code. Seeded: the counts are the same every time, and the
// bounds are the ones that the gate promises. simulation_benchmark has more trials and more kinds of noise.

#include "verify/compare/simulation.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint64_t kTrials = 150;

const SimulatedNoise kKinds[] = {{.cv = 0.01},
                                 {.cv = 0.02},
                                 {.cv = 0.02, .drift = 0.04},
                                 {.cv = 0.02, .outlier_share = 0.05, .outlier_slowdown = 0.15}};

TEST(SimulationTest, ATrueSlowdownOfFivePercentIsNotPassed) {
  for (SimulatedNoise noise : kKinds) {
    noise.slowdown = 0.05;
    const SimulationCounts counts = Simulate(noise, {}, kSeed, 0, kTrials);
    EXPECT_LE(counts.pass, kTrials / 100) << noise.cv << " " << noise.drift;
    EXPECT_GE(counts.fail, kTrials / 2) << "and is mostly seen";
    EXPECT_EQ(counts.pass + counts.fail + counts.inconclusive, kTrials);
  }
}

TEST(SimulationTest, NoSlowdownIsNotFailed) {
  for (const SimulatedNoise& noise : kKinds) {
    const SimulationCounts counts = Simulate(noise, {}, kSeed, 0, kTrials);
    EXPECT_LE(counts.fail, kTrials / 100) << noise.cv << " " << noise.drift;
    EXPECT_GE(counts.pass, kTrials * 9 / 10) << "and is mostly passed";
  }
}

// Exactly on the margin the level is what it says: at most 5 % of passes, and of fails, over all looks. 150 trials of
// 5 % have a standard deviation of 1.8 %.
TEST(SimulationTest, OnTheMarginTheLevelHolds) {
  const SimulationCounts counts = Simulate({.cv = 0.02, .slowdown = 0.03}, {}, kSeed, 0, kTrials);
  EXPECT_LE(counts.pass, kTrials / 10);
  EXPECT_LE(counts.fail, kTrials / 10);
}

TEST(SimulationTest, TrialsArePureFunctionsOfTheirNumber) {
  const SimulatedNoise noise = {.cv = 0.02, .slowdown = 0.03, .drift = 0.02};
  EXPECT_EQ(SimulatedRatios(noise, 10, 1, 5), SimulatedRatios(noise, 10, 1, 5));
  EXPECT_NE(SimulatedRatios(noise, 10, 1, 5), SimulatedRatios(noise, 10, 1, 6));
  EXPECT_NE(SimulatedRatios(noise, 10, 1, 5), SimulatedRatios(noise, 10, 2, 5));
}

// The made-up runs are what they say: mean and spread of the logarithms of many ratios.
TEST(SimulationTest, NoiseHasTheSizeThatItSays) {
  std::vector<double> logs;
  for (uint64_t trial = 0; trial < 500; ++trial) {
    for (const double ratio : SimulatedRatios({.cv = 0.02, .slowdown = 0.05}, 40, kSeed, trial)) {
      logs.push_back(std::log(ratio));
    }
  }
  double mean = 0, square = 0;
  for (const double log : logs) mean += log / static_cast<double>(logs.size());
  for (const double log : logs) square += (log - mean) * (log - mean) / static_cast<double>(logs.size());
  EXPECT_NEAR(mean, std::log(0.95), 1e-3);
  EXPECT_NEAR(std::sqrt(square), 0.02 * std::sqrt(2.0), 1e-3);
}

}  // namespace
}  // namespace bitnet::verify
