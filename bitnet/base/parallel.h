// ParallelForEach: jobs of different sizes over a thread pool, with one deterministic error.

#ifndef BITNET_BASE_PARALLEL_H_
#define BITNET_BASE_PARALLEL_H_

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "bitnet/base/thread_pool.h"

namespace bitnet {

// Calls job(index, worker) for each index in [0, count), 0 <= worker < min(pool.size(), max_workers), from a shared
// counter, so that workers end together. Returns the error of the lowest failing index, whichever worker met it first;
// indices above a failed one may be left out. max_workers (at least 1) bounds what each worker holds in memory.
absl::Status ParallelForEach(ThreadPool& pool, size_t count, int max_workers,
                             absl::FunctionRef<absl::Status(size_t index, int worker)> job);

}  // namespace bitnet

#endif  // BITNET_BASE_PARALLEL_H_
