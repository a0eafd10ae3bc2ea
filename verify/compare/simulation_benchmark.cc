// How often the gate errs, measured on the shipped decision code: one row per kind of noise and true slowdown, with the
// shares of the verdicts as counters. docs/performance_gate.md has the table.
//
//   ./bazelw run //verify/compare:simulation_benchmark -- --benchmark_min_time=4000x

#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "benchmark/benchmark.h"
#include "verify/compare/compare_policy.h"
#include "verify/compare/simulation.h"

namespace bitnet::verify {
namespace {

constexpr uint64_t kSeed = 1;

// One iteration is one comparison.
void Run(benchmark::State& state, SimulatedNoise noise) {
  const ComparePolicy policy;
  SimulationCounts all;
  for (auto _ : state) {
    const SimulationCounts one = Simulate(noise, policy, kSeed, all.trials, 1);
    all.trials += one.trials;
    all.pass += one.pass;
    all.fail += one.fail;
    all.inconclusive += one.inconclusive;
    all.pairs += one.pairs;
  }
  const double trials = static_cast<double>(all.trials);
  state.counters["pass"] = static_cast<double>(all.pass) / trials;
  state.counters["fail"] = static_cast<double>(all.fail) / trials;
  state.counters["inconclusive"] = static_cast<double>(all.inconclusive) / trials;
  state.counters["pairs"] = static_cast<double>(all.pairs) / trials;
  // A pass is false at a slowdown of the margin or more, a fail at one of less.
  const bool slower = noise.slowdown >= policy.margin;
  state.counters["false_pass"] = slower ? static_cast<double>(all.pass) / trials : 0;
  state.counters["false_fail"] = slower ? 0 : static_cast<double>(all.fail) / trials;
}

const bool kRegistered = [] {
  struct Kind {
    const char* name;
    SimulatedNoise noise;
  };
  const Kind kinds[] = {
      {"plain", {}},
      {"drift_4%", {.drift = 0.04}},
      {"outliers_5%_of_-15%", {.outlier_share = 0.05, .outlier_slowdown = 0.15}},
  };
  for (const Kind& kind : kinds) {
    for (const double cv : {0.005, 0.01, 0.02, 0.03}) {
      for (const double slowdown : {0.0, 0.03, 0.05}) {
        SimulatedNoise noise = kind.noise;
        noise.cv = cv;
        noise.slowdown = slowdown;
        const std::string name = absl::StrFormat("%s/cv:%.1f%%/slowdown:%.0f%%", kind.name, cv * 100, slowdown * 100);
        benchmark::RegisterBenchmark(name.c_str(), Run, noise)->Unit(benchmark::kMillisecond);
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace bitnet::verify
