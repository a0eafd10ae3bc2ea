// RmsNorm at the shapes of 2B-4T, one row per kernel that this CPU can run, one thread.

#include <string>

#include "benchmark/benchmark.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/rms_norm/rms_norm_args.h"
#include "bitnet/kernels/rms_norm/rms_norm_kernels.h"

namespace bitnet {
namespace {

void Run(benchmark::State& state, KernelId kernel) {
  const int64_t rows = state.range(0), dim = state.range(1);
  AlignedBuffer<float> x(rows * dim), weight(dim), y(rows * dim);
  FillPattern(Pattern::kRandom, 1, x.span());
  FillPattern(Pattern::kRandom, 2, weight.span());
  const RmsNormArgs args = {x.data(), weight.data(), y.data(), rows, dim, 1e-5f};
  const RmsNormFn fn = FindRmsNormFn(kernel);
  for (auto _ : state) {
    fn(args, 0, rows);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * (rows * dim * 8 + dim * 4));
  state.SetItemsProcessed(state.iterations() * (rows * dim));
}

const bool kRegistered = [] {
  for (KernelId kernel : KernelsOf(Op::kRmsNorm)) {
    if (!DetectIsaSet().Has(GetKernel(kernel).isa)) continue;
    benchmark::RegisterBenchmark(std::string(GetKernel(kernel).id).c_str(), Run, kernel)
        ->ArgNames({"rows", "dim"})
        ->Args({1, 2560})
        ->Args({1, 6912})
        ->Args({512, 2560});
  }
  return true;
}();

}  // namespace
}  // namespace bitnet
