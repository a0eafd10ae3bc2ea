// bazel run //bitnet/kernels/act_quant:act_quant_benchmark
//
// One row per kernel and width of the 2B-4T model; bytes_per_second counts the activations read.

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/act_quant/kernel_table.h"
#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet {
namespace {

void Quantize(benchmark::State& state, KernelId kernel, int64_t dim) {
  const ActQuantFn function = ActQuantFunction(kernel);
  std::vector<float> x(dim);
  for (int64_t i = 0; i < dim; ++i) x[i] = static_cast<float>(i * 37 % 1001) - 500.0f;
  std::vector<int8_t> q(dim);
  float scale = 0;
  int32_t sum = 0;
  for (auto _ : state) {
    function({x.data(), q.data(), &scale, &sum, 1, dim}, 0, 1);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * dim * static_cast<int64_t>(sizeof(float)));
}

void RegisterAll() {
  for (const KernelInfo& info : KernelTable()) {
    if (info.op != Op::kActQuant || !DetectIsaSet().Has(info.isa)) continue;
    for (int64_t dim : {2560, 6912}) {
      benchmark::RegisterBenchmark(absl::StrCat(info.id, "/", dim).c_str(), Quantize, info.kernel, dim);
    }
  }
}
[[maybe_unused]] const int registered = (RegisterAll(), 0);

}  // namespace
}  // namespace bitnet
