// How a comparison that takes minutes is told on stderr: each run on a terminal, each look always.

#ifndef XTASK_BENCH_PROGRESS_H_
#define XTASK_BENCH_PROGRESS_H_

#include "verify/compare/compare_policy.h"
#include "xtask/bench_runner.h"
#include "xtask/environment.h"

namespace bitnet::xtask {

// Options of a runner with nothing set but what it reports to.
BenchRunnerOptions ProgressOnStderr(const verify::ComparePolicy& policy, const Environment& environment);

// Clears the line of the last run.
void EndProgress(const Environment& environment);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCH_PROGRESS_H_
