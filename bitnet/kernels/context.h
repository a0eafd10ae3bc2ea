// KernelContext: what a dispatcher needs to choose, run and record a kernel.

#ifndef BITNET_KERNELS_CONTEXT_H_
#define BITNET_KERNELS_CONTEXT_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/recorder.h"

namespace bitnet {

// Owns nothing; all three outlive it. Used from one thread.
struct KernelContext {
  ThreadPool& pool;
  Recorder& recorder;
  IsaSet isa;  // what dispatch may use: the CPU's sets, capped by --isa

  // Chooses nothing: runs `body(begin, end)` over [0, items) split between the workers in multiples of `grain`,
  // and records one call of `kernel`. The only way a dispatcher calls a kernel.
  void Dispatch(KernelId kernel, const WorkCount& work, int64_t items, int64_t grain,
                absl::FunctionRef<void(int64_t begin, int64_t end)> body) {
    const uint64_t start = NowNs();
    if (items <= grain || pool.size() == 1) {
      body(0, items);
    } else {
      pool.Run([&](int worker) {
        const auto [begin, end] = ThreadPool::Partition(items, grain, worker, pool.size());
        if (begin < end) body(begin, end);
      });
    }
    recorder.Record(kernel, work, NowNs() - start);
  }

  // One part of a call whose parts must not overlap in time.
  struct Phase {
    int64_t items;
    int64_t grain;
    absl::FunctionRef<void(int worker, int64_t begin, int64_t end)> body;  // 0 <= worker < pool.size()
  };

  // As Dispatch, for a call in two phases: every worker has finished `first` before any starts `second`. The bodies
  // get their worker's index, for scratch that each worker has its own part of. Recorded as one call.
  void DispatchPhases(KernelId kernel, const WorkCount& work, const Phase& first, const Phase& second) {
    const uint64_t start = NowNs();
    RunPhase(first);
    RunPhase(second);
    recorder.Record(kernel, work, NowNs() - start);
  }

 private:
  void RunPhase(const Phase& phase) {
    if (phase.items <= phase.grain || pool.size() == 1) {
      phase.body(0, 0, phase.items);
      return;
    }
    pool.Run([&](int worker) {
      const auto [begin, end] = ThreadPool::Partition(phase.items, phase.grain, worker, pool.size());
      if (begin < end) phase.body(worker, begin, end);
    });
  }
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_CONTEXT_H_
