// One program run several times, each run a process of its own: what a baseline is recorded from, and what limits are
// judged on.

#ifndef XTASK_BENCH_SERIES_H_
#define XTASK_BENCH_SERIES_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "verify/compare/measured_run.h"
#include "verify/policy.h"
#include "xtask/bench_plan.h"

namespace bitnet::xtask {

struct BenchSeriesOptions {
  std::string folder;  // of the receipts; exists
  verify::Policy policy;
  const std::atomic<bool>* interrupted = nullptr;
  bool progress = false;  // each run on stderr
};

// Runs side A of the plan once to warm up and then `runs` times, with another prompt each time. The receipts are
// warm-up.json and run-01.json, run-02.json, ..., and their names in the folder the sources of the runs, in order.
// A run that fails ends the series: InvalidArgument when the first one refused its command line, Internal otherwise.
absl::StatusOr<std::vector<verify::MeasuredRun>> RunBenchSeries(const BenchPlan& plan, size_t runs,
                                                                const BenchSeriesOptions& options);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCH_SERIES_H_
