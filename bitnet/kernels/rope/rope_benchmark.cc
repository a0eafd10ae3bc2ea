// Rope at the shapes of 2B-4T, one row per kernel that this CPU can run, one thread.

#include <string>

#include "benchmark/benchmark.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/rope/rope_args.h"
#include "bitnet/kernels/rope/rope_kernels.h"
#include "bitnet/kernels/rope/rope_table.h"

namespace bitnet {
namespace {

void Run(benchmark::State& state, KernelId kernel) {
  constexpr int64_t kHeadDim = 128;
  const int64_t rows = state.range(0), heads = state.range(1);
  const RopeTable table = RopeTable::Create(kHeadDim, 500000.0, rows);
  AlignedBuffer<float> x(rows * heads * kHeadDim);
  FillPattern(Pattern::kAlternating, 1, x.span());  // a rotation keeps its length over any number of calls
  const RopeKernelArgs args = {x.data(), heads, kHeadDim, table.cosines(0), table.sines(0)};
  const RopeFn fn = FindRopeFn(kernel);
  for (auto _ : state) {
    fn(args, 0, rows);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * (rows * (heads * kHeadDim * 8 + kHeadDim * 4)));
  state.SetItemsProcessed(state.iterations() * (rows * heads * kHeadDim));
}

const bool kRegistered = [] {
  for (KernelId kernel : KernelsOf(Op::kRope)) {
    if (!DetectIsaSet().Has(GetKernel(kernel).isa)) continue;
    benchmark::RegisterBenchmark(std::string(GetKernel(kernel).id).c_str(), Run, kernel)
        ->ArgNames({"rows", "heads"})
        ->Args({1, 20})
        ->Args({1, 5})
        ->Args({512, 20});
  }
  return true;
}();

// Making the table for the 2B-4T context: part of every start.
void CreateTable(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(RopeTable::Create(128, 500000.0, 4096).filled());
}
BENCHMARK(CreateTable)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bitnet
