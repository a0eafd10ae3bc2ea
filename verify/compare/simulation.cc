#include "verify/compare/simulation.h"

#include <cmath>

#include "bitnet/base/ca1.h"
#include "bitnet/base/philox.h"
#include "verify/compare/decision.h"
#include "verify/compare/normal.h"

namespace bitnet::verify {
namespace {

constexpr double kCorrelation = 0.9;

double Uniform(uint32_t word) { return (static_cast<double>(word) + 0.5) / 4294967296.0; }

// Log-times of one trial's runs in their order.
class Machine {
 public:
  Machine(const SimulatedNoise& noise, uint64_t seed, uint64_t trial) : noise_(noise), seed_(seed), trial_(trial) {
    level_ = noise_.drift * NormalQuantile(Uniform(PhiloxAt(seed_, trial_, 0)[0]));
  }

  double NextRun(bool current) {
    const auto words = PhiloxAt(seed_, trial_, ++runs_);
    double log_time = level_ + noise_.cv * NormalQuantile(Uniform(words[0]));
    if (Uniform(words[1]) < noise_.outlier_share) log_time -= ca1::LogDouble(1 - noise_.outlier_slowdown);
    if (current) log_time -= ca1::LogDouble(1 - noise_.slowdown);
    const double innovation = std::sqrt(1 - kCorrelation * kCorrelation) * noise_.drift;
    level_ = kCorrelation * level_ + innovation * NormalQuantile(Uniform(words[2]));
    return log_time;
  }

 private:
  const SimulatedNoise& noise_;
  const uint64_t seed_, trial_;
  uint64_t runs_ = 0;
  double level_ = 0;
};

}  // namespace

std::vector<double> SimulatedRatios(const SimulatedNoise& noise, size_t pairs, uint64_t seed, uint64_t trial) {
  Machine machine(noise, seed, trial);
  std::vector<double> ratios;
  for (size_t pair = 0; pair < pairs; ++pair) {
    const bool current_first = pair % 2 == 1;
    const double first = machine.NextRun(current_first);
    const double second = machine.NextRun(!current_first);
    ratios.push_back(ca1::ExpDouble(current_first ? second - first : first - second));
  }
  return ratios;
}

SimulationCounts Simulate(const SimulatedNoise& noise, const ComparePolicy& policy, uint64_t seed, uint64_t first,
                          uint64_t trials) {
  SimulationCounts counts;
  for (uint64_t trial = first; trial < first + trials; ++trial) {
    const Decision decision =
        DecidePaired(SimulatedRatios(noise, policy.looks.back(), seed, trial), policy.margin, policy);
    ++counts.trials;
    counts.pass += decision.verdict == GateVerdict::kPass;
    counts.fail += decision.verdict == GateVerdict::kFail;
    counts.inconclusive += decision.verdict == GateVerdict::kInconclusive;
    counts.pairs += decision.looks.back().runs;
  }
  return counts;
}

}  // namespace bitnet::verify
