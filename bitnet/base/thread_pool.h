// ThreadPool: a fixed set of pinned workers that run one function at a time, each on its own part.

#ifndef BITNET_BASE_THREAD_POOL_H_
#define BITNET_BASE_THREAD_POOL_H_

#include <atomic>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"

namespace bitnet {

// The caller is worker 0, so a pool of one thread starts none. Between two Run calls the workers spin for some
// microseconds (decode makes several hundred calls a token) and then sleep; with more threads than cores they
// sleep at once, since spinning would take the core from the one that works.
class ThreadPool {
 public:
  // `threads` >= 1. Workers are pinned to the process's own cores, round robin.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return threads_; }

  // Calls fn(worker) once on each worker, 0 <= worker < size(), and returns when all are done. Not reentrant; call
  // from one thread only, the one that made the pool. Every worker has the default float control state.
  void Run(absl::FunctionRef<void(int worker)> fn);

  // The part of [0, items) that belongs to `part` of `parts`: contiguous, whole multiples of `grain` (the last may
  // be short), sizes differing by at most one grain. A pure function, so work goes to the same worker every time.
  static std::pair<int64_t, int64_t> Partition(int64_t items, int64_t grain, int part, int parts);

 private:
  void WorkerLoop(int worker);

  const int threads_;
  const int spins_;
  std::atomic<uint32_t> generation_{0};
  std::atomic<int> pending_{0};
  std::atomic<bool> stop_{false};
  absl::FunctionRef<void(int)>* job_ = nullptr;  // valid while pending_ > 0
  std::vector<std::thread> workers_;
};

}  // namespace bitnet

#endif  // BITNET_BASE_THREAD_POOL_H_
