// Start-up cost of the self-tests, all kernels of an instruction set and each kernel alone. Budget: 50 ms in all.

#include <string>

#include "absl/log/check.h"
#include "benchmark/benchmark.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/selftest/selftest.h"

namespace bitnet {
namespace {

void RunAll(benchmark::State& state, Isa isa) {
  for (auto _ : state) CHECK_OK(RunSelfTests(IsaClosure(isa)));
}

void RunKernel(benchmark::State& state, KernelId kernel) {
  for (auto _ : state) CHECK_OK(SelfTestKernel(kernel));
}

const bool kRegistered = [] {
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni}) {
    if (!DetectIsaSet().ContainsAll(IsaClosure(isa))) continue;
    const std::string name = "all_" + std::string(IsaName(isa));
    benchmark::RegisterBenchmark(name.c_str(), RunAll, isa)->Unit(benchmark::kMillisecond);
  }
  for (const KernelInfo& info : KernelTable()) {
    if (IsSpan(info.op) || !DetectIsaSet().Has(info.isa)) continue;
    benchmark::RegisterBenchmark(std::string(info.id).c_str(), RunKernel, info.kernel)->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
}  // namespace bitnet
