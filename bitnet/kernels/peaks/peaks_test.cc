// The probes do the work that they report. How fast is not asserted.

#include <cstdint>
#include <vector>

#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/peaks/int8_loops.h"
#include "bitnet/kernels/peaks/int8_peak.h"
#include "bitnet/kernels/peaks/read_bandwidth.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(Int8Loops, EveryProductCounts) {
  std::vector<Int8LoopFn> loops = {Int8LoopScalar};
#if defined(__x86_64__)
  if (CpuHas(Isa::kAvx2, "the loop")) loops.push_back(Int8LoopAvx2);
  if (CpuHas(Isa::kAvxVnni, "the loop")) loops.push_back(Int8LoopAvxVnni);
  if (CpuHas(Isa::kAvx512Vnni, "the loop")) loops.push_back(Int8LoopAvx512Vnni);
#endif
  for (size_t i = 0; i < loops.size(); ++i) {
    for (uint64_t rounds : {0, 1, 2, 1000}) {
      uint32_t sum = 1;
      const uint64_t macs = loops[i](rounds, &sum);
      EXPECT_EQ(macs, rounds * loops[i](1, &sum)) << "loop " << i;
      loops[i](rounds, &sum);
      EXPECT_EQ(sum, static_cast<uint32_t>(macs * kLoopWeight * kLoopActivation)) << "loop " << i;
    }
  }
}

TEST(Int8Peak, NamesTheBestInstructionsThatItMayUse) {
  ThreadPool pool(2);
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512Vnni}) {
    if (!CpuHas(isa, "the probe")) continue;
    const Int8Peak peak = ProbeInt8Peak(IsaClosure(isa), pool, 2);
    EXPECT_EQ(peak.isa, isa);
    EXPECT_GT(peak.ops_per_second, 0);
  }
  EXPECT_EQ(ProbeInt8Peak({Isa::kScalar}, pool, 0).ops_per_second, 0) << "no pass, no rate";
}

TEST(ReadBandwidth, NothingToReadIsZero) {
  ThreadPool pool(2);
  const AlignedBuffer<uint8_t> bytes(1 << 20);
  EXPECT_GT(ProbeReadBandwidthMbps(bytes.span(), pool, 2), 0u);
  EXPECT_EQ(ProbeReadBandwidthMbps(bytes.span(), pool, 0), 0u);
  EXPECT_EQ(ProbeReadBandwidthMbps(bytes.span().first(64), pool, 2), 0u);
}

}  // namespace
}  // namespace bitnet
