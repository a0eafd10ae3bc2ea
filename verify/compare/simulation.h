// Comparisons of made-up runs, decided by the shipped code: how often does the gate err, and how many pairs does it
// need? For tests and for the benchmark.

#ifndef VERIFY_COMPARE_SIMULATION_H_
#define VERIFY_COMPARE_SIMULATION_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "verify/compare/compare_policy.h"

namespace bitnet::verify {

// How runs differ. The time of a run is exp(cv z + level) x (1 + slowdown, on the current side), z standard normal and
// independent for every run; `level` is the state of the machine, an AR(1) series over the runs in their order.
struct SimulatedNoise {
  double cv = 0.01;
  double slowdown = 0;          // 0.05: the current side takes 1 / 0.95 of the time
  double drift = 0;             // standard deviation of `level`; each run's has correlation 0.9 with the last one's
  double outlier_share = 0;     // of the runs
  double outlier_slowdown = 0;  // their speed is this much less
};

// Ratios of speeds, current over baseline, of `pairs` pairs run in ABBA order.
std::vector<double> SimulatedRatios(const SimulatedNoise& noise, size_t pairs, uint64_t seed, uint64_t trial);

struct SimulationCounts {
  uint64_t trials = 0;
  uint64_t pass = 0;
  uint64_t fail = 0;
  uint64_t inconclusive = 0;
  uint64_t pairs = 0;  // used, over all trials
};

// Trials first .. first + trials - 1; each is a pure function of (noise, seed, its number).
SimulationCounts Simulate(const SimulatedNoise& noise, const ComparePolicy& policy, uint64_t seed, uint64_t first,
                          uint64_t trials);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_SIMULATION_H_
