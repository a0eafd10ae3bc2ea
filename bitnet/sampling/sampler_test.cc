// The sampler's choices: exact in the edge cases, by frequency against exact probabilities elsewhere.

#include "bitnet/sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

const std::vector<float> kLogits = {0.5f, 2.0f, -1.0f, 1.5f, 1.0f, 0.0f, -2.5f, 1.75f, 0.25f, 1.25f};

// Probabilities proportional to exp(logit / temperature) over `kept`, 0 elsewhere.
std::vector<double> Softmax(const std::vector<float>& logits, double temperature, const std::vector<int>& kept) {
  std::vector<double> p(logits.size(), 0.0);
  for (int id : kept) p[id] = std::exp(logits[id] / temperature);
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= sum;
  return p;
}

std::vector<int> Frequencies(const SamplingParams& params, const std::vector<float>& logits, int draws) {
  const Sampler sampler(params);
  std::vector<int> counts(logits.size());
  for (int position = 0; position < draws; ++position) ++counts[sampler.Sample(logits, {}, position)];
  return counts;
}

// Pearson's statistic; infinite when something impossible was drawn. Expected counts are all well above 5.
double ChiSquare(const std::vector<int>& counts, const std::vector<double>& p, int draws) {
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) {
      if (counts[i] > 0) return std::numeric_limits<double>::infinity();
      continue;
    }
    const double expected = p[i] * draws;
    sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  return sum;
}

struct DistributionCase {
  std::string name;
  SamplingParams params;
  std::vector<int> kept;
};

// 27.88 is the 0.999 quantile of chi-square with 9 degrees of freedom; fewer candidates have fewer. The seeds are
// fixed, so this either holds always or never.
TEST(Sampler, DrawsWithTheExactProbabilities) {
  constexpr int kDraws = 20000;
  const std::vector<int> all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  // Most likely first: 1 7 3 9 4 0 8 5 2 6; at temperature 1 they have 0.274 0.213 0.166 0.129 0.101 0.061 ...
  for (const DistributionCase& c : {
           DistributionCase{"temperature", {.temperature = 1, .seed = 1}, all},
           DistributionCase{"hot", {.temperature = 3, .seed = 2}, all},
           DistributionCase{"cold", {.temperature = 0.6f, .seed = 3}, all},
           DistributionCase{"top-k", {.temperature = 1, .top_k = 3, .seed = 4}, {1, 7, 3}},
           DistributionCase{"top-k of all", {.temperature = 1, .top_k = 50, .seed = 5}, all},
           DistributionCase{"top-p", {.temperature = 1, .top_p = 0.7f, .seed = 6}, {1, 7, 3, 9}},
           DistributionCase{"min-p", {.temperature = 1, .min_p = 0.3f, .seed = 7}, {1, 7, 3, 9, 4}},
           // Of the first four, 0.781 in all: 0.6 * 0.781 is passed by the second.
           DistributionCase{"top-k then top-p", {.temperature = 1, .top_k = 4, .top_p = 0.6f, .seed = 8}, {1, 7}},
           DistributionCase{
               "all three", {.temperature = 2, .top_k = 8, .top_p = 0.99f, .min_p = 0.5f, .seed = 9}, {1, 7, 3, 9, 4}},
       }) {
    const std::vector<int> counts = Frequencies(c.params, kLogits, kDraws);
    EXPECT_LT(ChiSquare(counts, Softmax(kLogits, c.params.temperature, c.kept), kDraws), 27.88) << c.name;
  }
}

// Draws that end beyond the first selection: 600 equal logits and no top-k. 706 is the 0.999 quantile of chi-square
// with 599 degrees of freedom (normal approximation: 599 + 3.09 * sqrt(2 * 599)).
TEST(Sampler, ReachesTheWholeVocabulary) {
  constexpr int kDraws = 12000, kVocab = 600;
  const std::vector<float> logits(kVocab, 3.0f);
  std::vector<int> every(kVocab);
  std::iota(every.begin(), every.end(), 0);
  const std::vector<double> p = Softmax(logits, 1, every);
  EXPECT_LT(ChiSquare(Frequencies({.temperature = 1, .seed = 11}, logits, kDraws), p, kDraws), 706);
  EXPECT_LT(ChiSquare(Frequencies({.temperature = 1, .min_p = 0.9f, .seed = 12}, logits, kDraws), p, kDraws), 706);
}

TEST(Sampler, TopPOfEqualLogitsKeepsTheLowestIds) {
  const std::vector<float> logits(600, -7.0f);
  std::vector<int> kept(300);
  std::iota(kept.begin(), kept.end(), 0);
  const std::vector<int> counts = Frequencies({.temperature = 1, .top_p = 0.5f, .seed = 13}, logits, 6000);
  EXPECT_EQ(std::accumulate(counts.begin() + 300, counts.end(), 0), 0);
  // 299 + 3.09 * sqrt(2 * 299)
  EXPECT_LT(ChiSquare(counts, Softmax(logits, 1, kept), 6000), 375);
}

TEST(Sampler, GreedyTakesTheLowestIdOfTheLargest) {
  EXPECT_EQ(Sampler({}).Sample(kLogits, {}, 0), 1);
  EXPECT_EQ(Sampler({}).Sample(std::vector<float>{1, 5, 5, 2}, {}, 0), 1);
  EXPECT_EQ(Sampler({}).Sample(std::vector<float>{-0.0f, 0.0f}, {}, 0), 0);
}

TEST(Sampler, NarrowSettingsEqualGreedy) {
  for (const SamplingParams& params : {
           SamplingParams{.temperature = 1, .top_k = 1, .seed = 1},
           SamplingParams{.temperature = 1, .top_p = 1e-6f, .seed = 2},
           SamplingParams{.temperature = 1, .min_p = 1, .seed = 3},
           SamplingParams{.temperature = 1e-6f, .seed = 4},
           SamplingParams{.temperature = 1e-38f, .seed = 5},
       }) {
    const Sampler sampler(params);
    for (uint64_t position = 0; position < 100; ++position) EXPECT_EQ(sampler.Sample(kLogits, {}, position), 1);
  }
}

TEST(Sampler, MinPOfOneKeepsTies) {
  const std::vector<int> counts = Frequencies({.temperature = 1, .min_p = 1, .seed = 3}, {1, 4, 4, 0}, 1000);
  EXPECT_EQ(counts[0] + counts[3], 0);
  EXPECT_GT(counts[1], 400);
  EXPECT_GT(counts[2], 400);
}

TEST(Sampler, ImpossibleTokensAreNeverDrawn) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const std::vector<int> counts = Frequencies({.temperature = 1, .seed = 3}, {-kInf, 1, -kInf, 1, -200}, 1000);
  EXPECT_EQ(counts[1] + counts[3], 1000);
}

TEST(Sampler, OneToken) { EXPECT_EQ(Sampler({.temperature = 1}).Sample(std::vector<float>{-3}, {}, 9), 0); }

TEST(Sampler, RepetitionPenaltyDividesPositiveAndMultipliesNegative) {
  const std::vector<float> logits = {4, 3, -1, -1.5f};
  const SamplingParams params = {.repetition_penalty = 2};
  EXPECT_EQ(Sampler(params).Sample(logits, std::vector<int32_t>{}, 0), 0);
  EXPECT_EQ(Sampler(params).Sample(logits, std::vector<int32_t>{0}, 0), 1);        // 4 / 2 < 3
  EXPECT_EQ(Sampler(params).Sample(logits, std::vector<int32_t>{0, 1}, 0), 0);     // 2 > 1.5
  EXPECT_EQ(Sampler(params).Sample(logits, std::vector<int32_t>{1, 1, 0}, 0), 0);  // once per distinct id
  const std::vector<float> negative = {-1, -1.5f};
  EXPECT_EQ(Sampler(params).Sample(negative, std::vector<int32_t>{0}, 0), 1);  // -2 < -1.5
}

TEST(Sampler, RepetitionWindowCountsFromTheEnd) {
  const std::vector<float> logits = {4, 3};
  const std::vector<int32_t> history = {0, 1, 1};
  const auto choice = [&](int window) {
    return Sampler({.repetition_penalty = 2, .repetition_window = window}).Sample(logits, history, 0);
  };
  EXPECT_EQ(choice(0), 0);
  EXPECT_EQ(choice(2), 0);  // id 1 only
  EXPECT_EQ(choice(3), 0);  // both: 2 against 1.5
  EXPECT_EQ(choice(-1), 0);
  EXPECT_EQ(Sampler({.repetition_penalty = 2, .repetition_window = 1}).Sample(logits, std::vector<int32_t>{1, 0}, 0),
            1);
  EXPECT_EQ(Sampler({.repetition_penalty = 2, .repetition_window = 1}).Sample(logits, std::vector<int32_t>{0, 1}, 0),
            0);
}

TEST(Sampler, ChoiceDependsOnSeedAndPositionOnly) {
  const SamplingParams params = {.temperature = 1.2f, .top_p = 0.95f, .seed = 77};
  const Sampler forward(params), backward(params);
  constexpr int kPositions = 500;
  std::vector<int32_t> first(kPositions), second(kPositions);
  for (int i = 0; i < kPositions; ++i) first[i] = forward.Sample(kLogits, {}, i);
  for (int i = kPositions; i-- > 0;) {
    second[i] = backward.Sample(kLogits, {}, i);
    backward.Sample(std::vector<float>(3000, 1.0f), {}, i + 5);  // other work in between
  }
  EXPECT_EQ(first, second);
  SamplingParams other = params;
  other.seed = 78;
  std::vector<int32_t> third(kPositions);
  for (int i = 0; i < kPositions; ++i) third[i] = Sampler(other).Sample(kLogits, {}, i);
  EXPECT_NE(first, third);
}

// Logits outside the bound may be anything below those inside it: here they are -infinity. Many logits lie within some
// units in the last place of where min-p cuts.
TEST(Sampler, ChoicesDependOnTheBoundedCandidatesOnly) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr size_t kVocab = 400;
  uint64_t bits = 1;
  const auto next = [&bits] { return bits = bits * 6364136223846793005u + 1442695040888963407u, bits >> 33; };
  size_t left_out = 0, inside = 0;
  for (uint64_t trial = 0; trial < 300; ++trial) {
    SamplingParams params = {.temperature = 0.05f + static_cast<float>(next() % 1000) / 300, .seed = trial};
    if (trial % 3 == 0) {
      params.top_k = 1 + static_cast<int>(next() % 30);
      params.top_p = 0.8f;
    } else {
      params.min_p = trial % 3 == 1 ? 1.0f / static_cast<float>(1 + next() % 1000) : static_cast<float>(trial) / 300;
    }
    const CandidateBound bound = BoundCandidates(params);
    ASSERT_GE(bound.largest, 1);
    const float largest = static_cast<float>(next() % 64) / 4 - 8;
    const float cut = largest - static_cast<float>(bound.within);
    std::vector<float> logits(kVocab);
    for (float& logit : logits) {
      logit = largest - static_cast<float>(next() % 100000) / 8000;
      if (next() % 3 == 0) {
        logit = std::min(largest, cut);
        for (uint64_t ulps = next() % 200; ulps > 0; --ulps) logit = std::nextafter(logit, largest);
      }
    }
    logits[next() % kVocab] = largest;
    std::vector<float> sorted = logits;
    std::sort(sorted.rbegin(), sorted.rend());
    const double least = double{sorted[static_cast<size_t>(bound.largest) - 1]} - bound.within;
    std::vector<float> bounded = logits;
    for (float& logit : bounded) {
      const bool out = logit < least;
      left_out += out;
      inside += !out;
      if (out) logit = -kInf;
    }
    const Sampler sampler(params);
    for (uint64_t position = 0; position < 40; ++position) {
      ASSERT_EQ(sampler.Sample(bounded, {}, position), sampler.Sample(logits, {}, position))
          << "trial " << trial << ", position " << position;
    }
  }
  EXPECT_GT(left_out, 20000u);
  EXPECT_GT(inside, 5000u);
}

TEST(Sampler, ChoicesThatLookAtEveryLogitHaveNoBound) {
  for (const SamplingParams& params :
       {SamplingParams{.temperature = 1}, SamplingParams{.temperature = 1, .top_p = 0.5f},
        SamplingParams{.temperature = 1, .top_p = 0.5f, .min_p = 0.1f}, SamplingParams{.repetition_penalty = 1.1f},
        SamplingParams{.temperature = 1, .top_k = 3, .repetition_penalty = 1.1f}}) {
    EXPECT_EQ(BoundCandidates(params).largest, 0);
  }
  EXPECT_EQ(BoundCandidates({}).largest, 1);
}

TEST(SamplerDeath, RefusesInvalidParamsAndForeignHistory) {
  EXPECT_DEATH(Sampler({.top_p = 2}), "top-p must be in");
  EXPECT_DEATH(Sampler({.repetition_penalty = 2}).Sample(kLogits, std::vector<int32_t>{10}, 0),
               "history holds token 10");
}

}  // namespace
}  // namespace bitnet
