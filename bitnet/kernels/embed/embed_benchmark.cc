// EmbeddingLookup at the shapes of 2B-4T, one row per kernel that this CPU can run, one thread.

#include <string>

#include "benchmark/benchmark.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/embed/embed_args.h"
#include "bitnet/kernels/embed/embed_kernels.h"
#include "bitnet/kernels/kernel_testing.h"

namespace bitnet {
namespace {

void Run(benchmark::State& state, KernelId kernel) {
  constexpr int64_t kVocab = 4096;
  const int64_t rows = state.range(0), dim = state.range(1);
  AlignedBuffer<F16> table(kVocab * dim);
  for (size_t i = 0; i < table.size(); ++i) table[i] = static_cast<F16>(i % 31744);  // below infinity
  AlignedBuffer<int32_t> ids(rows);
  for (int64_t r = 0; r < rows; ++r) ids[r] = static_cast<int32_t>(r * 1031 % kVocab);
  AlignedBuffer<float> out(rows * dim);
  const EmbeddingLookupArgs args = {table.data(), kVocab, dim, ids.data(), rows, out.data()};
  const EmbeddingLookupFn fn = FindEmbeddingLookupFn(kernel);
  for (auto _ : state) {
    fn(args, 0, rows);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * (rows * dim * 6));
  state.SetItemsProcessed(state.iterations() * (rows * dim));
}

const bool kRegistered = [] {
  for (KernelId kernel : KernelsOf(Op::kEmbeddingLookup)) {
    if (!DetectIsaSet().Has(GetKernel(kernel).isa)) continue;
    benchmark::RegisterBenchmark(std::string(GetKernel(kernel).id).c_str(), Run, kernel)
        ->ArgNames({"rows", "dim"})
        ->Args({1, 2560})
        ->Args({512, 2560});
  }
  return true;
}();

}  // namespace
}  // namespace bitnet
