#include "bitnet/engine/run_clock.h"

#include <sys/resource.h>

#include <ctime>

#include "bitnet/base/clock.h"

namespace bitnet {
namespace {

uint64_t ReadTsc() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return 0;
#endif
}

}  // namespace

ClockTuple ReadClocks() {
  return {.monotonic_raw_ns = ClockNs(CLOCK_MONOTONIC_RAW),
          .boottime_ns = ClockNs(CLOCK_BOOTTIME),
          .realtime_ns = ClockNs(CLOCK_REALTIME),
          .tsc = ReadTsc(),
          .process_cpu_ns = ClockNs(CLOCK_PROCESS_CPUTIME_ID)};
}

uint64_t ClockResolutionNs() {
  timespec t;
  clock_getres(CLOCK_MONOTONIC_RAW, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

uint64_t PeakRssBytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace bitnet
