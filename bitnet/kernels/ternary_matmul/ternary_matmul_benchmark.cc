// bazel run //bitnet/kernels/ternary_matmul:ternary_matmul_benchmark -- --benchmark_filter=gemv
//
// One row per kernel, threads, tokens and matrix of the 2B-4T model. A gemv, and a gemm of few tokens, walks through
// copies of the matrix that together exceed the last-level cache, as decode does; bytes_per_second is then read
// bandwidth, to be compared with the rows named read. ops_per_second counts two per multiply-accumulate. probe_% and
// peak_% are shares of what the same process measured: reading alone, and int8 products alone with the kernel's
// instruction set.

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/peaks/benchmark_peaks.h"
#include "bitnet/kernels/ternary_matmul/kernel_table.h"

namespace bitnet {
namespace {

constexpr int64_t kWorkingSet = int64_t{256} << 20;
constexpr int64_t kGrain = 16;  // as the dispatcher's
constexpr int64_t kRowsBoundByMemory = 32;

struct Shape {
  int64_t m, k;
};
constexpr Shape kShapes[] = {{2560, 2560}, {640, 2560}, {6912, 2560}, {2560, 6912}};

AlignedBuffer<uint8_t> RandomWeights(int64_t bytes) {
  AlignedBuffer<uint8_t> packed(bytes);
  uint64_t state = 1;
  for (int64_t i = 0; i < bytes; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    packed[i] = (state >> 33 & 0x55) + (state >> 41 & 0x55);  // four codes 0..2
  }
  return packed;
}

void Matmul(benchmark::State& state, KernelId kernel, Shape shape, int64_t rows, int threads) {
  const TernaryMatmulFn function = TernaryMatmulFunction(kernel);
  const int64_t bytes = shape.m * shape.k / 4;
  const int64_t copies = rows <= kRowsBoundByMemory ? kWorkingSet / bytes + 1 : 1;
  const AlignedBuffer<uint8_t> packed = RandomWeights(bytes * copies);
  AlignedBuffer<int8_t> q(rows * shape.k);
  for (size_t i = 0; i < q.size(); ++i) q[i] = static_cast<int8_t>(i * 37);
  AlignedBuffer<float> act_scale(rows);
  for (float& s : act_scale.span()) s = 1.0f;
  const AlignedBuffer<int32_t> act_sum(rows);
  AlignedBuffer<float> y(rows * shape.m);
  ThreadPool pool(threads);
  int64_t copy = 0;
  const AgainstPeaks peaks;
  for (auto _ : state) {
    const I2sProduct product = {packed.data() + copy * bytes,
                                shape.m,
                                shape.k,
                                1.0f,
                                q.data(),
                                act_scale.data(),
                                act_sum.data(),
                                rows,
                                y.data()};
    pool.Run([&](int worker) {
      const auto [begin, end] = ThreadPool::Partition(shape.m, kGrain, worker, threads);
      function(product, begin, end);
    });
    copy = (copy + 1) % copies;
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * bytes);
  state.counters["ops_per_second"] =
      benchmark::Counter(2.0 * rows * shape.m * shape.k * state.iterations(), benchmark::Counter::kIsRate);
  peaks.Count(state, GetKernel(kernel).isa, threads, static_cast<double>(bytes), 2.0 * rows * shape.m * shape.k);
}

// What memory gives: every worker reads its part of a buffer in as many streams, as far ahead, as the best gemv.
void ReadBandwidth(benchmark::State& state, int threads) {
  constexpr int kStreams = 4;
  const int64_t words = kWorkingSet / 8;
  AlignedBuffer<uint64_t> data(words);
  std::memset(data.data(), 1, kWorkingSet);
  ThreadPool pool(threads);
  for (auto _ : state) {
    pool.Run([&](int worker) {
      const int64_t part = words / threads;
      const int64_t apart = part / kStreams;
      const uint64_t* p = data.data() + worker * part;
      uint64_t sums[kStreams] = {};
      for (int64_t i = 0; i < apart; i += 8) {
        for (int s = 0; s < kStreams; ++s) {
          __builtin_prefetch(p + s * apart + i + 256);
          sums[s] += p[s * apart + i];  // one word takes the whole cache line
        }
      }
      benchmark::DoNotOptimize(sums);
    });
  }
  state.SetBytesProcessed(state.iterations() * kWorkingSet);
}

void RegisterAll() {
  const IsaSet isa = DetectIsaSet();
  for (int threads : {1, 2}) {
    benchmark::RegisterBenchmark(absl::StrCat("read/threads:", threads).c_str(), ReadBandwidth, threads)
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
    for (const KernelInfo& info : KernelTable()) {
      if (info.op != Op::kTernaryMatmul || !isa.Has(info.isa)) continue;
      const bool one = info.rows == RowClass::kOne;
      for (int64_t rows : one ? std::vector<int64_t>{1} : std::vector<int64_t>{2, 3, 4, 8, 16, 32, 512}) {
        for (const Shape& shape : kShapes) {
          const std::string name =
              absl::StrCat(info.id, "/", shape.m, "x", shape.k, "/rows:", rows, "/threads:", threads);
          benchmark::RegisterBenchmark(name.c_str(), Matmul, info.kernel, shape, rows, threads)
              ->UseRealTime()
              ->Unit(benchmark::kMicrosecond);
        }
      }
    }
  }
}
[[maybe_unused]] const int registered = (RegisterAll(), 0);

}  // namespace
}  // namespace bitnet
