// The one steady clock: nanoseconds of CLOCK_MONOTONIC_RAW, which no time daemon slews.

#ifndef BITNET_BASE_CLOCK_H_
#define BITNET_BASE_CLOCK_H_

#include <cstdint>
#include <ctime>

namespace bitnet {

inline uint64_t ClockNs(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

inline uint64_t NowNs() { return ClockNs(CLOCK_MONOTONIC_RAW); }

}  // namespace bitnet

#endif  // BITNET_BASE_CLOCK_H_
