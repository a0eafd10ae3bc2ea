#include "bitnet/kernels/peaks/int8_peak.h"

#include <algorithm>
#include <atomic>

#include "bitnet/base/clock.h"
#include "bitnet/kernels/peaks/int8_loops.h"

namespace bitnet {
namespace {

constexpr uint64_t kPassNs = 5'000'000;

struct Loop {
  Isa isa;
  Int8LoopFn run;
};

Loop BestLoop([[maybe_unused]] IsaSet isa) {
#if defined(__x86_64__)
  if (isa.Has(Isa::kAvx512Vnni)) return {Isa::kAvx512Vnni, Int8LoopAvx512Vnni};
  if (isa.Has(Isa::kAvxVnni)) return {Isa::kAvxVnni, Int8LoopAvxVnni};
  if (isa.Has(Isa::kAvx2)) return {Isa::kAvx2, Int8LoopAvx2};
#endif
  return {Isa::kScalar, Int8LoopScalar};
}

}  // namespace

Int8Peak ProbeInt8Peak(IsaSet isa, ThreadPool& pool, int passes) {
  const Loop loop = BestLoop(isa);
  std::atomic<uint64_t> macs{0};
  std::atomic<uint32_t> sink{0};
  const auto pass = [&](uint64_t rounds) {
    macs.store(0, std::memory_order_relaxed);
    const uint64_t start = NowNs();
    pool.Run([&](int) {
      uint32_t sum = 0;
      macs.fetch_add(loop.run(rounds, &sum), std::memory_order_relaxed);
      sink.fetch_xor(sum, std::memory_order_relaxed);
    });
    return std::max<uint64_t>(1, NowNs() - start);
  };
  // Doubling until a pass is long enough warms up as well.
  uint64_t rounds = 1024;
  while (pass(rounds) < kPassNs) rounds *= 2;
  Int8Peak peak{.isa = loop.isa};
  for (int i = 0; i < passes; ++i) {
    const double seconds = static_cast<double>(pass(rounds)) * 1e-9;
    peak.ops_per_second = std::max(peak.ops_per_second, 2 * static_cast<double>(macs.load()) / seconds);
  }
  return peak;
}

}  // namespace bitnet
