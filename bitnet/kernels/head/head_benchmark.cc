// The logits projection of 2B-4T, 128256 x 2560, per kernel, thread count and number of token rows, beside the speed
// at which the same threads merely read the same table. probe_% and, of the int8 kernels, peak_% are shares of what the
// same process measured: reading alone, and int8 products alone with the kernel's instruction set.

#include <string>

#include "benchmark/benchmark.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/head/head.h"
#include "bitnet/kernels/head/head_args.h"
#include "bitnet/kernels/head/screen.h"
#include "bitnet/kernels/head/screened_head.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/peaks/benchmark_peaks.h"
#include "bitnet/kernels/recorder.h"

namespace bitnet {
namespace {

constexpr int64_t kVocab = 128256;
constexpr int64_t kDim = 2560;
constexpr int64_t kTableBytes = kVocab * kDim * 2;

AlignedBuffer<F16> Table() {
  AlignedBuffer<F16> table(kVocab * kDim);
  for (size_t i = 0; i < table.size(); ++i) table[i] = static_cast<F16>(0x2000 + i % 4001);
  return table;
}

void Project(benchmark::State& state, Isa isa, int threads, int64_t rows) {
  const AlignedBuffer<F16> table = Table();
  AlignedBuffer<float> h(rows * kDim);
  FillPattern(Pattern::kRandom, 1, h.span());
  AlignedBuffer<float> logits(rows * kVocab);
  ThreadPool pool(threads);
  Recorder recorder;
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  const LogitsProjectionArgs args = {table.data(), kVocab, kDim, h.data(), rows, logits.data()};
  const AgainstPeaks peaks;
  for (auto _ : state) LogitsProjection(ctx, args);
  state.SetBytesProcessed(state.iterations() * kTableBytes);
  state.counters["macs/s"] =
      benchmark::Counter(static_cast<double>(rows * kVocab * kDim), benchmark::Counter::kIsIterationInvariantRate);
  peaks.Count(state, isa, threads, static_cast<double>(kTableBytes), 0);
}

// The same where the two largest logits of each token row matter: screening, choice of candidates and their logits.
// Values are pseudo-random, so that few rows of the head are left; how many, a counter says.
void Screen(benchmark::State& state, Isa isa, int threads, int64_t rows) {
  AlignedBuffer<F16> table(kVocab * kDim);
  uint64_t bits = 1;
  for (size_t i = 0; i < table.size(); ++i) {
    bits = bits * 6364136223846793005u + 1442695040888963407u;
    table[i] = static_cast<F16>((bits >> 63 << 15) | (0x2000 + (bits >> 50) % 0x0c00));  // 2^-7 to 2^-4
  }
  AlignedBuffer<float> h(rows * kDim), logits(rows * kVocab);
  FillPattern(Pattern::kRandom, 1, h.span());
  ThreadPool pool(threads);
  const ScreenedHead head = ScreenedHead::Build(table.data(), kVocab, kDim, DetectIsaSet(), pool);
  ScreenScratch scratch(kVocab, kDim, rows);
  Recorder recorder;
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  const LogitsProjectionArgs args = {table.data(), kVocab, kDim, h.data(), rows, logits.data()};
  const AgainstPeaks peaks;
  for (auto _ : state) ScreenedLogitsProjection(ctx, args, head, {.largest = 2}, scratch);
  const uint64_t head_rows = static_cast<uint64_t>(scratch.head_rows);
  const WorkCount screen = HeadScreenWork(static_cast<uint64_t>(rows), kVocab, kDim);
  const WorkCount rest = HeadRowsWork(head_rows, kDim);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(screen.bytes + rest.bytes));
  state.counters["head_rows"] = static_cast<double>(head_rows);
  peaks.Count(state, isa, threads, static_cast<double>(screen.bytes + rest.bytes),
              4 * static_cast<double>(screen.macs));  // two products a code: of the high and of the low halves
}

// Making the int8 copy at load.
void BuildScreen(benchmark::State& state, Isa isa, int threads) {
  const AlignedBuffer<F16> table = Table();
  ThreadPool pool(threads);
  for (auto _ : state) {
    benchmark::DoNotOptimize(ScreenedHead::Build(table.data(), kVocab, kDim, IsaClosure(isa), pool).bytes());
  }
  state.SetBytesProcessed(state.iterations() * kTableBytes);
}

// One word of every cache line, in four streams a worker: what memory gives when nothing is computed.
void Read(benchmark::State& state, int threads) {
  const AlignedBuffer<F16> table = Table();
  constexpr int64_t kLine = 32, kRuns = 4;  // elements of a cache line
  ThreadPool pool(threads);
  for (auto _ : state) {
    pool.Run([&](int worker) {
      const auto [begin, end] = ThreadPool::Partition(kVocab * kDim, kRuns * kLine, worker, threads);
      const int64_t run = (end - begin) / kRuns;
      uint32_t sums[kRuns] = {};
      for (int64_t i = 0; i < run; i += kLine) {
        for (int64_t r = 0; r < kRuns; ++r) sums[r] += table[begin + r * run + i];
      }
      for (uint32_t& sum : sums) benchmark::DoNotOptimize(sum);
    });
  }
  state.SetBytesProcessed(state.iterations() * kTableBytes);
}

const bool kRegistered = [] {
  for (int threads : {1, 2}) {
    const std::string suffix = "/threads:" + std::to_string(threads);
    benchmark::RegisterBenchmark(("read" + suffix).c_str(), Read, threads)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
    for (KernelId kernel : KernelsOf(Op::kLogitsProjection)) {
      const KernelInfo& info = GetKernel(kernel);
      if (!DetectIsaSet().Has(info.isa)) continue;
      for (int64_t rows : {1, 4, 8, 64}) {
        if (info.isa == Isa::kScalar && rows > 1) continue;
        const std::string name = std::string(info.id) + suffix + "/rows:" + std::to_string(rows);
        benchmark::RegisterBenchmark(name.c_str(), Project, info.isa, threads, rows)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
      }
    }
    for (KernelId kernel : KernelsOf(Op::kLogitsScreening)) {
      const KernelInfo& info = GetKernel(kernel);
      if (!DetectIsaSet().Has(info.isa)) continue;
      for (int64_t rows : {1, 2, 4, 8, 16}) {
        const std::string name = std::string(info.id) + suffix + "/rows:" + std::to_string(rows);
        benchmark::RegisterBenchmark(name.c_str(), Screen, info.isa, threads, rows)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
      }
    }
    for (Isa isa : {Isa::kScalar, Isa::kAvx2}) {
      if (!DetectIsaSet().Has(isa)) continue;
      benchmark::RegisterBenchmark(("quantize_" + std::string(IsaName(isa)) + suffix).c_str(), BuildScreen, isa,
                                   threads)
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
}  // namespace bitnet
