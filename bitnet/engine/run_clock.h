// RunClock: every clock the machine has, read together, so that an auditor can compare their slopes.

#ifndef BITNET_ENGINE_RUN_CLOCK_H_
#define BITNET_ENGINE_RUN_CLOCK_H_

#include <cstdint>

namespace bitnet {

struct ClockTuple {
  uint64_t monotonic_raw_ns = 0;
  uint64_t boottime_ns = 0;
  uint64_t realtime_ns = 0;     // since 1970
  uint64_t tsc = 0;             // 0 on CPUs without one
  uint64_t process_cpu_ns = 0;  // user + system, all threads
};

ClockTuple ReadClocks();

// Of CLOCK_MONOTONIC_RAW, as the system states it.
uint64_t ClockResolutionNs();

// Highest resident set of this process so far.
uint64_t PeakRssBytes();

}  // namespace bitnet

#endif  // BITNET_ENGINE_RUN_CLOCK_H_
