#include "verify/compare/decision.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// n ratios around `center`, alternately `spread` above and below, each a little different.
std::vector<double> Ratios(size_t n, double center, double spread) {
  std::vector<double> ratios;
  for (size_t i = 0; i < n; ++i) {
    ratios.push_back(center * (1 + (i % 2 == 0 ? spread : -spread) * (1 + 1e-3 * static_cast<double>(i))));
  }
  return ratios;
}

TEST(DecisionTest, AnIntervalPassesAboveAndFailsBelowTheMargin) {
  EXPECT_EQ(JudgeInterval({1, 0.98, 1.02}, 0.03), GateVerdict::kPass);
  EXPECT_EQ(JudgeInterval({0.9, 0.88, 0.92}, 0.03), GateVerdict::kFail);
  EXPECT_EQ(JudgeInterval({0.97, 0.95, 0.99}, 0.03), GateVerdict::kInconclusive);
  EXPECT_EQ(JudgeInterval({1, 0, kInfinity}, 0.03), GateVerdict::kInconclusive) << "no bounds decide nothing";
}

TEST(DecisionTest, ABoundOnTheMarginDecidesNothing) {
  const double edge = 1 - 0.03;
  EXPECT_EQ(JudgeInterval({1, edge, 1.02}, 0.03), GateVerdict::kInconclusive);
  EXPECT_EQ(JudgeInterval({1, std::nextafter(edge, 2), 1.02}, 0.03), GateVerdict::kPass);
  EXPECT_EQ(JudgeInterval({0.9, 0.8, edge}, 0.03), GateVerdict::kInconclusive);
  EXPECT_EQ(JudgeInterval({0.9, 0.8, std::nextafter(edge, 0)}, 0.03), GateVerdict::kFail);
}

TEST(DecisionTest, TheFirstLookThatDecidesIsTheLast) {
  const Decision decision = DecidePaired(Ratios(40, 1, 0.002), 0.03, {});
  EXPECT_EQ(decision.verdict, GateVerdict::kPass);
  ASSERT_EQ(decision.looks.size(), 1u);
  EXPECT_EQ(decision.looks[0].runs, 10u);
  EXPECT_EQ(DecidePaired(Ratios(40, 0.9, 0.002), 0.03, {}).verdict, GateVerdict::kFail);
}

TEST(DecisionTest, WhatLiesOnTheMarginIsLookedAtToTheEnd) {
  const Decision decision = DecidePaired(Ratios(40, 0.97, 0.01), 0.03, {});
  EXPECT_EQ(decision.verdict, GateVerdict::kInconclusive);
  ASSERT_EQ(decision.looks.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(decision.looks[i].runs, 10 * (i + 1));
}

TEST(DecisionTest, FewerPairsThanTheFirstLookDecideNothing) {
  EXPECT_EQ(DecidePaired(Ratios(9, 1, 0.001), 0.03, {}).verdict, GateVerdict::kInconclusive);
  EXPECT_TRUE(DecidePaired(Ratios(9, 1, 0.001), 0.03, {}).looks.empty());
  EXPECT_EQ(DecidePaired(Ratios(10, 1, 0.001), 0.03, {}).verdict, GateVerdict::kPass);
  const std::vector<double> nine = Ratios(9, 1, 0.001), ten = Ratios(10, 1, 0.001);
  EXPECT_EQ(DecideUnpaired(nine, ten, 0.03, {}).verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(DecideUnpaired(ten, nine, 0.03, {}).verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(DecideUnpaired(ten, ten, 0.03, {}).verdict, GateVerdict::kPass);
}

TEST(DecisionTest, PairsBeyondTheLookAreNotUsed) {
  std::vector<double> ratios = Ratios(19, 0.97, 0.02);
  const Decision ten = DecidePaired(std::span(ratios).first(10), 0.03, {});
  for (size_t i = 10; i < ratios.size(); ++i) ratios[i] = 0.5;
  const Decision nineteen = DecidePaired(ratios, 0.03, {});
  ASSERT_EQ(nineteen.looks.size(), 1u);
  EXPECT_EQ(nineteen.looks[0].rank.lower, ten.looks[0].rank.lower);
  EXPECT_EQ(nineteen.verdict, GateVerdict::kInconclusive);
}

// One run that went wrong: it takes part in 10 of the 55 Walsh averages, so the ranks cannot rule out a slowdown; to
// the bootstrap's median it is nothing.
TEST(DecisionTest, IntervalsThatDisagreeDecideNothing) {
  std::vector<double> ratios = Ratios(10, 1, 0.001);
  ratios[3] = 0.5;
  const Decision decision = DecidePaired(ratios, 0.03, {});
  ASSERT_EQ(decision.looks.size(), 1u);
  EXPECT_EQ(decision.looks[0].by_rank, GateVerdict::kInconclusive);
  EXPECT_EQ(decision.looks[0].by_bootstrap, GateVerdict::kPass);
  EXPECT_EQ(decision.verdict, GateVerdict::kInconclusive);
}

TEST(DecisionTest, EachLookHasItsShareOfTheLevel) {
  ComparePolicy policy;
  policy.looks = {10};
  const std::vector<double> ratios = Ratios(10, 0.99, 0.02);
  const double alone = DecidePaired(ratios, 0.03, policy).looks[0].rank.lower;
  const double one_of_four = DecidePaired(ratios, 0.03, {}).looks[0].rank.lower;
  EXPECT_GT(alone, one_of_four);
  EXPECT_DOUBLE_EQ(ComparePolicy().LevelPerLook(), 0.0125);
}

TEST(DecisionTest, HalfWidthIsAShareAndShrinksWithTheRoot) {
  EXPECT_DOUBLE_EQ(HalfWidth({1, 0.96, 0.96 * 1.21}), 1.1 - 1);
  EXPECT_EQ(HalfWidth({1, 0, 1.1}), kInfinity);
  EXPECT_EQ(HalfWidth({1, 0.9, kInfinity}), kInfinity);
  Look look;
  look.runs = 10;
  look.rank = {1, 0.96, 0.96 * 1.21};
  EXPECT_NEAR(ProjectedHalfWidth(look, {}), 0.05, 1e-12);
  look.runs = 40;
  EXPECT_NEAR(ProjectedHalfWidth(look, {}), 0.1, 1e-12);
  look.runs = 60;  // an unpaired comparison may have more
  EXPECT_NEAR(ProjectedHalfWidth(look, {}), 0.1, 1e-12);
}

TEST(DecisionTest, NamesAndExitCodes) {
  EXPECT_EQ(GateVerdictName(GateVerdict::kPass), "PASS");
  EXPECT_EQ(GateVerdictName(GateVerdict::kFail), "FAIL");
  EXPECT_EQ(GateVerdictName(GateVerdict::kInconclusive), "INCONCLUSIVE");
  EXPECT_EQ(GateVerdictName(GateVerdict::kRefused), "REFUSED");
  EXPECT_EQ(GateVerdictExitCode(GateVerdict::kPass), 0);
  EXPECT_EQ(GateVerdictExitCode(GateVerdict::kFail), 1);
  EXPECT_EQ(GateVerdictExitCode(GateVerdict::kInconclusive), 3);
  EXPECT_EQ(GateVerdictExitCode(GateVerdict::kRefused), 3);
}

}  // namespace
}  // namespace bitnet::verify
