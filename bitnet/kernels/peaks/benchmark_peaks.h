// What the machine gives, measured in a benchmark's own process, as counters of its rows.

#ifndef BITNET_KERNELS_PEAKS_BENCHMARK_PEAKS_H_
#define BITNET_KERNELS_PEAKS_BENCHMARK_PEAKS_H_

#include <cstdint>

#include "benchmark/benchmark.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/cpu_features.h"

namespace bitnet {

// Made right before the loop of a row: the time from here to Count is that of its iterations.
class AgainstPeaks {
 public:
  AgainstPeaks() : start_ns_(NowNs()) {}

  // Call after the loop. Counters: `probe_%`, bytes of one iteration over the read probe with as many threads; and for
  // `ops` > 0 `peak_%`, int8 operations of one iteration (two a multiply-accumulate) over the int8 probe with as many
  // threads and the instruction sets up to `isa`. Each probe runs once, at its first use, some 0.2 s.
  void Count(benchmark::State& state, Isa isa, int threads, double bytes, double ops) const;

 private:
  const uint64_t start_ns_;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_PEAKS_BENCHMARK_PEAKS_H_
