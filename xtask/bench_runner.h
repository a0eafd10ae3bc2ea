// Carries out a BenchPlan: runs both sides alternately, each run a process of its own, and stops as soon as the gate
// has decided.

#ifndef XTASK_BENCH_RUNNER_H_
#define XTASK_BENCH_RUNNER_H_

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/receipt/json_value.h"
#include "verify/compare/gate.h"
#include "verify/policy.h"
#include "xtask/bench_plan.h"

namespace bitnet::xtask {

// The plan's file, in the folder of the receipts.
inline constexpr char kPlanName[] = "plan.json";

// One run of the plan, whatever became of it.
struct BenchRun {
  size_t pair = 0;
  BenchSide side = BenchSide::kA;
  int exit_code = 0;
  std::string receipt;  // file name in the folder
  std::string sha256;   // of the receipt; empty when there is none
};

struct BenchOutcome {
  std::vector<BenchRun> runs;  // in the order in which they were run
  verify::GateReport gate;
};

struct BenchRunnerOptions {
  std::string folder;  // of plan and receipts; exists
  verify::Policy policy;
  // Receipts of a frozen release, compared at the end.
  std::optional<std::vector<verify::MeasuredRun>> anchor;
  std::vector<verify::Refusal> anchor_refusals;  // what is wrong with it as a whole
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(size_t pair, BenchSide side)> on_run;                            // before each run
  std::function<void(size_t pairs, const verify::ComparisonReport& report)> on_look;  // after each look
};

// Writes plan.json, then a receipt for each run. A run that fails ends the comparison: it is refused (L5-PLAN), for
// what is left out after the fact can be left out on purpose. So does a warm-up pair that is not comparable.
// InvalidArgument: the first run refused its command line; Cancelled: interrupted.
absl::StatusOr<BenchOutcome> RunBenchPlan(const BenchPlan& plan, const BenchRunnerOptions& options);

// {"exit_code", "gate", "plan", "plan_digest", "runs", "verdict"}.
JsonValue OutcomeJson(const BenchPlan& plan, const BenchOutcome& outcome);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCH_RUNNER_H_
