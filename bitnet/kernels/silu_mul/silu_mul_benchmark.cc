// SiluMul at the width of 2B-4T, one row per kernel that this CPU can run, one thread.

#include <string>

#include "benchmark/benchmark.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/silu_mul/silu_mul_args.h"
#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"

namespace bitnet {
namespace {

void Run(benchmark::State& state, KernelId kernel) {
  const int64_t rows = state.range(0), dim = state.range(1);
  AlignedBuffer<float> gate(rows * dim), up(rows * dim), out(rows * dim);
  FillPattern(Pattern::kRandom, 1, gate.span());
  FillPattern(Pattern::kRandom, 2, up.span());
  const SiluMulArgs args = {gate.data(), up.data(), out.data(), rows, dim};
  const SiluMulFn fn = FindSiluMulFn(kernel);
  for (auto _ : state) {
    fn(args, 0, rows);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * (rows * dim * 12));
  state.SetItemsProcessed(state.iterations() * (rows * dim));
}

const bool kRegistered = [] {
  for (KernelId kernel : KernelsOf(Op::kSiluMul)) {
    if (!DetectIsaSet().Has(GetKernel(kernel).isa)) continue;
    benchmark::RegisterBenchmark(std::string(GetKernel(kernel).id).c_str(), Run, kernel)
        ->ArgNames({"rows", "dim"})
        ->Args({1, 6912})
        ->Args({512, 6912});
  }
  return true;
}();

}  // namespace
}  // namespace bitnet
