#include "bitnet/kernels/peaks/benchmark_peaks.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <utility>

#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/peaks/int8_peak.h"
#include "bitnet/kernels/peaks/read_bandwidth.h"

namespace bitnet {
namespace {

constexpr size_t kProbeBytes = size_t{256} << 20;  // several times any last-level cache
constexpr int kPasses = 5;

double BytesPerSecond(int threads) {
  static std::map<int, double> measured;
  const auto [entry, fresh] = measured.try_emplace(threads, 0);
  if (fresh) {
    AlignedBuffer<uint8_t> bytes(kProbeBytes);
    std::memset(bytes.data(), 1, bytes.size());
    ThreadPool pool(threads);
    entry->second = static_cast<double>(ProbeReadBandwidthMbps(bytes.span(), pool, kPasses)) * 1e6;
  }
  return entry->second;
}

double OpsPerSecond(Isa isa, int threads) {
  static std::map<std::pair<Isa, int>, double> measured;
  const auto [entry, fresh] = measured.try_emplace({isa, threads}, 0);
  if (fresh) {
    ThreadPool pool(threads);
    entry->second = ProbeInt8Peak(IsaClosure(isa), pool, kPasses).ops_per_second;
  }
  return entry->second;
}

}  // namespace

void AgainstPeaks::Count(benchmark::State& state, Isa isa, int threads, double bytes, double ops) const {
  const double seconds = static_cast<double>(NowNs() - start_ns_) * 1e-9;
  const double rate = 100 * static_cast<double>(state.iterations()) / seconds;
  state.counters["probe_%"] = rate * bytes / BytesPerSecond(threads);
  if (ops > 0) state.counters["peak_%"] = rate * ops / OpsPerSecond(isa, threads);
}

}  // namespace bitnet
