#include "bitnet/engine/read_bandwidth.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "bitnet/base/clock.h"

namespace bitnet {
namespace {

// One core keeps only so many cache misses of one stream in flight; eight streams come close to its limit.
constexpr size_t kStreams = 8;
constexpr size_t kLine = 64;

// Touches every cache line of [begin, end) and folds the words so that the reads cannot be optimised away.
uint64_t ReadAll(const uint8_t* begin, size_t size) {
  const size_t part = size / kStreams / kLine * kLine;
  uint64_t fold[kStreams] = {};
  for (size_t offset = 0; offset < part; offset += kLine) {
    for (size_t stream = 0; stream < kStreams; ++stream) {
      const uint8_t* line = begin + stream * part + offset;
      __builtin_prefetch(line + 16 * kLine);
      uint64_t word;
      std::memcpy(&word, line, sizeof(word));
      fold[stream] ^= word;
    }
  }
  uint64_t all = 0;
  for (uint64_t word : fold) all ^= word;
  return all;
}

}  // namespace

uint64_t ProbeReadBandwidthMbps(std::span<const uint8_t> bytes, ThreadPool& pool, int passes) {
  if (bytes.size() < kStreams * kLine * static_cast<size_t>(pool.size())) return 0;
  std::atomic<uint64_t> sink{0};
  uint64_t best_ns = UINT64_MAX;
  for (int pass = 0; pass <= passes; ++pass) {
    const uint64_t start = NowNs();
    pool.Run([&](int worker) {
      const auto [begin, end] = ThreadPool::Partition(static_cast<int64_t>(bytes.size()), 4096, worker, pool.size());
      sink.fetch_xor(ReadAll(bytes.data() + begin, static_cast<size_t>(end - begin)), std::memory_order_relaxed);
    });
    if (pass > 0) best_ns = std::min(best_ns, NowNs() - start);
  }
  return passes > 0 ? bytes.size() * 1000 / best_ns : 0;
}

}  // namespace bitnet
