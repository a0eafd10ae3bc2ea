// Generated weights for the accuracy report and the benchmarks: a pure function of (pattern, seed, index), the same
// bits on every machine.

#ifndef BITNET_QUANT_WEIGHT_PATTERN_H_
#define BITNET_QUANT_WEIGHT_PATTERN_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace bitnet {

enum class WeightPattern : uint8_t {
  kSequential,  // a ramp from -1 to +1 over 1021 elements, again and again; 1021 is prime to every block size
  kSine,        // sin(index / 10)
  kGaussian,    // normal, mean 0, standard deviation 0.02
  kSparse,      // nine of ten values 0, the others as kGaussian
  kTernary,     // -s, 0, +s with equal chance, s = kPatternScale
  kBinary,      // -s, +s: what a format without zeros can hold
};

// A binary32 number that binary16 does not have.
inline constexpr float kPatternScale = 0.0371f;

// In the order above.
std::span<const WeightPattern> WeightPatterns();
// "sequential", "sine", ...
std::string_view WeightPatternName(WeightPattern pattern);

// values[i] for index i, all finite.
void FillPattern(WeightPattern pattern, uint64_t seed, std::span<float> values);

}  // namespace bitnet

#endif  // BITNET_QUANT_WEIGHT_PATTERN_H_
