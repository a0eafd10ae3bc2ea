// The part of a benchmark that decodes several sequences together.

#ifndef XTASK_BENCHMARK_PARALLEL_H_
#define XTASK_BENCHMARK_PARALLEL_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/session.h"
#include "xtask/benchmark_result.h"

namespace bitnet::xtask {

struct ParallelPlan {
  int64_t sequences;     // 2..kMaxDecodeRows
  uint64_t prompt_seed;  // of the second sequence's prompt; those of further ones are of the seeds after it
  int repetitions;       // measured, after a warm-up
};

// Decodes the request of a benchmark's single sequence and others of the same length together, as often as the plan
// says, in a session like `single` but for its sequences. `alone` are the tokens that the single sequence generated:
// Internal when it gets others now, or when repetitions differ. The phase counts the tokens of all sequences.
absl::StatusOr<PhaseResult> MeasureParallel(const Session& single, ThreadPool& pool, const GenerateRequest& request,
                                            std::span<const TokenId> alone, const ParallelPlan& plan);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCHMARK_PARALLEL_H_
