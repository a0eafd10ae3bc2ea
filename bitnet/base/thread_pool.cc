#include "bitnet/base/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>

#include "absl/log/check.h"
#include "bitnet/base/cpu_features.h"

namespace bitnet {
namespace {

// About 20-50 us of pauses: longer than the single-threaded steps between two parallel ops of a token.
constexpr int kSpins = 2000;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

std::vector<int> UsableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

// Best effort: a container may forbid it, and then the scheduler decides.
void Pin(std::thread& thread, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(thread.native_handle(), sizeof(set), &set);
}

}  // namespace

ThreadPool::ThreadPool(int threads)
    : threads_(threads), spins_(threads <= static_cast<int>(UsableCpus().size()) ? kSpins : 0) {
  CHECK_GE(threads, 1);
  SetDefaultFloatControl();
  const std::vector<int> cpus = UsableCpus();
  for (int worker = 1; worker < threads; ++worker) {
    workers_.emplace_back([this, worker] { WorkerLoop(worker); });
    if (!cpus.empty()) Pin(workers_.back(), cpus[worker % cpus.size()]);
  }
}

ThreadPool::~ThreadPool() {
  stop_.store(true, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::Run(absl::FunctionRef<void(int)> fn) {
  if (threads_ == 1) {
    fn(0);
    return;
  }
  job_ = &fn;
  pending_.store(threads_ - 1, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  fn(0);
  for (int spin = 0; spin < spins_; ++spin) {
    if (pending_.load(std::memory_order_acquire) == 0) return;
    Pause();
  }
  for (int left = pending_.load(std::memory_order_acquire); left != 0;
       left = pending_.load(std::memory_order_acquire)) {
    pending_.wait(left, std::memory_order_acquire);
  }
}

void ThreadPool::WorkerLoop(int worker) {
  SetDefaultFloatControl();
  uint32_t seen = 0;
  while (true) {
    for (int spin = 0; spin < spins_ && generation_.load(std::memory_order_acquire) == seen; ++spin) Pause();
    generation_.wait(seen, std::memory_order_acquire);
    seen = generation_.load(std::memory_order_acquire);
    if (stop_.load(std::memory_order_relaxed)) return;
    (*job_)(worker);
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) pending_.notify_one();
  }
}

std::pair<int64_t, int64_t> ThreadPool::Partition(int64_t items, int64_t grain, int part, int parts) {
  DCHECK_GE(grain, 1);
  const int64_t grains = (items + grain - 1) / grain;
  const int64_t begin = grains * part / parts * grain;
  const int64_t end = grains * (part + 1) / parts * grain;
  return {std::min(begin, items), std::min(end, items)};
}

}  // namespace bitnet
