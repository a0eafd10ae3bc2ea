// Read bandwidth of main memory, measured in this process: the ceiling that decode speed is held against.

#ifndef BITNET_KERNELS_PEAKS_READ_BANDWIDTH_H_
#define BITNET_KERNELS_PEAKS_READ_BANDWIDTH_H_

#include <cstdint>
#include <span>

#include "bitnet/base/thread_pool.h"

namespace bitnet {

// Reads `bytes` (a mapped model, much larger than the last-level cache) `passes` times with all of `pool`, several
// streams a thread, and returns the best pass in MB/s (10^6 bytes). 0 when there is nothing to read. The first pass is
// a warm-up and does not count.
uint64_t ProbeReadBandwidthMbps(std::span<const uint8_t> bytes, ThreadPool& pool, int passes);

}  // namespace bitnet

#endif  // BITNET_KERNELS_PEAKS_READ_BANDWIDTH_H_
