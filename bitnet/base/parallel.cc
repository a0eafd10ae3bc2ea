#include "bitnet/base/parallel.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "absl/log/check.h"

namespace bitnet {

absl::Status ParallelForEach(ThreadPool& pool, size_t count, int max_workers,
                             absl::FunctionRef<absl::Status(size_t index, int worker)> job) {
  CHECK_GE(max_workers, 1);
  std::atomic<size_t> next{0};
  // Indices are handed out in ascending order, so all below a failed one run to their end.
  std::atomic<size_t> first_bad{count};
  std::mutex mutex;
  absl::Status first_error;
  pool.Run([&](int worker) {
    if (worker >= max_workers) return;
    for (size_t i = next.fetch_add(1); i < first_bad.load(); i = next.fetch_add(1)) {
      absl::Status status = job(i, worker);
      if (status.ok()) continue;
      const std::lock_guard<std::mutex> lock(mutex);
      if (i < first_bad.load()) {
        first_bad.store(i);
        first_error = std::move(status);
      }
    }
  });
  return first_error;
}

}  // namespace bitnet
