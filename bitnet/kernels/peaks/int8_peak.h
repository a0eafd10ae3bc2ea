// The rate of int8 multiply-accumulates of this machine, measured in this process: the ceiling that matrix products of
// many tokens are held against.

#ifndef BITNET_KERNELS_PEAKS_INT8_PEAK_H_
#define BITNET_KERNELS_PEAKS_INT8_PEAK_H_

#include <cstdint>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"

namespace bitnet {

struct Int8Peak {
  Isa isa = Isa::kScalar;     // whose instructions
  double ops_per_second = 0;  // of all threads together; a multiply-accumulate is two
};

// The best of `passes` passes of some 5 ms, after one that warms up, on all of `pool`, by the best instructions in `isa`
// that there is a loop for: AVX-512 VNNI, AVX-VNNI, AVX2 or portable C++. Nothing is loaded or stored, so that no kernel can be
// faster with the same instructions.
Int8Peak ProbeInt8Peak(IsaSet isa, ThreadPool& pool, int passes);

}  // namespace bitnet

#endif  // BITNET_KERNELS_PEAKS_INT8_PEAK_H_
