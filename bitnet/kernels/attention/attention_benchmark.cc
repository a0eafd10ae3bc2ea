// Attention at the shape of 2B-4T (20 heads, 5 kv heads of 128), one layer: decode at several context lengths and a
// prefill of 512 tokens, per kernel and thread count. Bytes are those of the K and V rows, read once.

#include <string>

#include "benchmark/benchmark.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/attention/attention.h"
#include "bitnet/kernels/attention/attention_testing.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/recorder.h"

namespace bitnet {
namespace {

void Run(benchmark::State& state, Isa isa, int threads, int64_t first_position, int64_t rows) {
  const AttentionShape shape = {first_position, rows, 20, 5, 128};
  AttentionTensors tensors(shape, Pattern::kRandom, 1, threads);
  ThreadPool pool(threads);
  Recorder recorder;
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  for (auto _ : state) Attention(ctx, tensors.Args());
  const int64_t keys = first_position + rows;
  state.SetBytesProcessed(state.iterations() * keys * shape.kv_heads * shape.head_dim * 4);
  const double macs = 2.0 * shape.heads * shape.head_dim * (rows * first_position + rows * (rows + 1) / 2.0);
  state.counters["macs/s"] =
      benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

int RegisterAll() {
  for (KernelId kernel : KernelsOf(Op::kAttention)) {
    const KernelInfo& info = GetKernel(kernel);
    if (!DetectIsaSet().Has(info.isa)) continue;
    for (int threads : {1, 2}) {
      const std::string name = std::string(info.id) + "/threads:" + std::to_string(threads);
      for (int64_t keys : {128, 1024, 4096}) {
        benchmark::RegisterBenchmark((name + "/decode_at:" + std::to_string(keys)).c_str(), Run, info.isa, threads,
                                     keys - 1, 1)
            ->UseRealTime();
      }
      benchmark::RegisterBenchmark((name + "/prefill:512").c_str(), Run, info.isa, threads, 0, 512)->UseRealTime();
    }
  }
  return 0;
}

[[maybe_unused]] const int kRegistered = RegisterAll();

}  // namespace
}  // namespace bitnet
