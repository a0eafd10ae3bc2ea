#include "bitnet/quant/weight_pattern.h"

#include <array>
#include <cmath>

#include "bitnet/base/ca1.h"
#include "bitnet/base/philox.h"

namespace bitnet {
namespace {

constexpr WeightPattern kPatterns[] = {WeightPattern::kSequential, WeightPattern::kSine,    WeightPattern::kGaussian,
                                       WeightPattern::kSparse,     WeightPattern::kTernary, WeightPattern::kBinary};

constexpr uint64_t kRamp = 1021;
constexpr double kSigma = 0.02;
constexpr double kTwoPi = 6.28318530717958647693;

float Sine(double angle) {
  double sine = 0, cosine = 0;
  ca1::SinCosDouble(angle, &sine, &cosine);
  return static_cast<float>(sine);
}

// Box and Muller's method with two uniform numbers, the first in (0, 1].
float Gaussian(const std::array<uint32_t, 4>& words) {
  const double radius = std::sqrt(-2 * ca1::LogDouble((static_cast<double>(words[0]) + 1) * 0x1p-32));
  double sine = 0, cosine = 0;
  ca1::SinCosDouble(static_cast<double>(words[1]) * 0x1p-32 * kTwoPi, &sine, &cosine);
  return static_cast<float>(kSigma * radius * cosine);
}

float Value(WeightPattern pattern, uint64_t seed, uint64_t index) {
  const std::array<uint32_t, 4> words = PhiloxAt(seed, static_cast<uint64_t>(pattern), index);
  switch (pattern) {
    case WeightPattern::kSequential:
      return static_cast<float>(index % kRamp) * (2.0f / (kRamp - 1)) - 1.0f;
    case WeightPattern::kSine:
      return Sine(static_cast<double>(index % (uint64_t{1} << 30)) / 10);
    case WeightPattern::kGaussian:
      return Gaussian(words);
    case WeightPattern::kSparse:
      return words[2] % 10 == 0 ? Gaussian(words) : 0.0f;
    case WeightPattern::kTernary:
      return kPatternScale * static_cast<float>(static_cast<int>(words[0] % 3) - 1);
    case WeightPattern::kBinary:
      return words[0] % 2 == 0 ? kPatternScale : -kPatternScale;
  }
  return 0;
}

}  // namespace

std::span<const WeightPattern> WeightPatterns() { return kPatterns; }

std::string_view WeightPatternName(WeightPattern pattern) {
  switch (pattern) {
    case WeightPattern::kSequential:
      return "sequential";
    case WeightPattern::kSine:
      return "sine";
    case WeightPattern::kGaussian:
      return "gaussian";
    case WeightPattern::kSparse:
      return "sparse";
    case WeightPattern::kTernary:
      return "ternary";
    case WeightPattern::kBinary:
      return "binary";
  }
  return "";
}

void FillPattern(WeightPattern pattern, uint64_t seed, std::span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) values[i] = Value(pattern, seed, i);
}

}  // namespace bitnet
