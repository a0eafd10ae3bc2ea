// The gates: each runs one chain from measurement to verdict and returns what it found. Errors are those of input that
// cannot be meant, and of chains that broke off.

#ifndef XTASK_GATES_H_
#define XTASK_GATES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "verify/compare/slo_limits.h"
#include "xtask/bench_flags.h"
#include "xtask/commands.h"
#include "xtask/gate_run.h"

namespace bitnet::xtask {

// What a gate is run in, and where it writes: every file of `folder` that it names is its evidence.
struct GateContext {
  const CommandContext& command;
  std::string folder;
};

// benchmarks: runs `xtask benchmark` as a process of its own and audits its receipt. A check for the run, for each rule
// of the audit, and for the speed. Measured: the receipt states a speed.
absl::StatusOr<GateRun> GateBenchmarks(const BenchFlags& bench, const GateContext& context);

struct PerfFlags {
  std::string baseline_manifest;     // compare with recorded runs,
  std::string command_a;             // or alternately with another program
  std::vector<std::string> options;  // or with other options of it, those of A and of B
  std::string command_b;             // what is judged (default: this program)
  std::vector<std::string> vary;
  std::string anchor_manifest;
  std::vector<std::string> keys;
  size_t runs = 20;  // against recorded ones
};

// perf: the comparison of speeds. A check for each refusal and each metric, against the baseline and the anchor.
// Without anything to compare with nothing is measured. InvalidArgument when both kinds of baseline are given.
absl::StatusOr<GateRun> GatePerf(const BenchFlags& bench, const PerfFlags& flags, const GateContext& context);

struct SloFlags {
  verify::SloLimits limits;  // over those of the policy
  size_t runs = 10;
};

// slo: limits on speed, time to first token, load and memory. A check for each limit.
absl::StatusOr<GateRun> GateSlo(const BenchFlags& bench, const SloFlags& flags, const GateContext& context);

// policy: pins and licences of everything that this program is built from, and its bill of materials. Two checks for
// each source.
absl::StatusOr<GateRun> GatePolicy(const std::vector<std::string>& allowed_licences, const GateContext& context);

}  // namespace bitnet::xtask

#endif  // XTASK_GATES_H_
