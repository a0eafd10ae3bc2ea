// Attention at the shape of 2B-4T (20 heads, 5 kv heads of 128), one call: decode at several context lengths and a
// prefill of 256 tokens after others, per kernel and thread count. Bytes are those of the K and V rows, read once.

#include <string>

#include "benchmark/benchmark.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/attention/attention.h"
#include "bitnet/kernels/attention/attention_args.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/peaks/benchmark_peaks.h"
#include "bitnet/kernels/recorder.h"

namespace bitnet {
namespace {

constexpr int64_t kHeads = 20, kKvHeads = 5, kHeadDim = 128, kLayers = 30;

AlignedBuffer<float> Floats(uint64_t seed, int64_t n) {
  AlignedBuffer<float> values(n);
  FillPattern(Pattern::kRandom, seed, values.span());
  return values;
}

AlignedBuffer<F16> Cache(uint64_t seed, int64_t n, int64_t layers) {
  const AlignedBuffer<float> values = Floats(seed, n);
  AlignedBuffer<F16> cache(n * layers);
  for (int64_t i = 0; i < n * layers; ++i) cache[i] = i < n ? F32ToF16(values[i]) : cache[i - n];
  return cache;
}

// In `layers` caches in turn, as a model has them: what one call reads is no longer in a cache when its turn comes.
void Run(benchmark::State& state, Isa isa, int threads, int64_t first_position, int64_t rows, int64_t layers) {
  const int64_t keys = first_position + rows;
  const AlignedBuffer<float> q = Floats(1, rows * kHeads * kHeadDim);
  const AlignedBuffer<float> k_new = Floats(2, rows * kKvHeads * kHeadDim);
  const AlignedBuffer<float> v_new = Floats(3, rows * kKvHeads * kHeadDim);
  const int64_t layer_size = kKvHeads * keys * kHeadDim;
  AlignedBuffer<F16> k = Cache(4, layer_size, layers);
  AlignedBuffer<F16> v = Cache(5, layer_size, layers);
  AlignedBuffer<float> scores(AttentionScratchFloats(keys, threads));
  AlignedBuffer<float> out(q.size());
  AttentionArgs args = {.q = q.data(),
                        .k_new = k_new.data(),
                        .v_new = v_new.data(),
                        .k_cache = k.data(),
                        .v_cache = v.data(),
                        .capacity = keys,
                        .first_position = first_position,
                        .rows = rows,
                        .heads = kHeads,
                        .kv_heads = kKvHeads,
                        .head_dim = kHeadDim,
                        .scores = scores.data(),
                        .out = out.data()};
  ThreadPool pool(threads);
  Recorder recorder;
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  const AgainstPeaks peaks;
  int64_t layer = 0;
  for (auto _ : state) {
    args.k_cache = k.data() + layer * layer_size;
    args.v_cache = v.data() + layer * layer_size;
    Attention(ctx, args);
    layer = (layer + 1) % layers;
  }
  const int64_t bytes = layer_size * 2 * static_cast<int64_t>(sizeof(F16));
  state.SetBytesProcessed(state.iterations() * bytes);
  peaks.Count(state, isa, threads, static_cast<double>(bytes), 0);
  const double macs = 2.0 * kHeads * kHeadDim * (rows * first_position + rows * (rows + 1) / 2.0);
  state.counters["macs/s"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
}

const bool kRegistered = [] {
  for (KernelId kernel : KernelsOf(Op::kAttention)) {
    const KernelInfo& info = GetKernel(kernel);
    if (!DetectIsaSet().Has(info.isa)) continue;
    for (int threads : {1, 2}) {
      const std::string name = std::string(info.id) + "/threads:" + std::to_string(threads);
      for (int64_t keys : {128, 1024, 4096}) {
        benchmark::RegisterBenchmark((name + "/decode_at:" + std::to_string(keys)).c_str(), Run, info.isa, threads,
                                     keys - 1, 1, kLayers)
            ->UseRealTime();
      }
      for (int64_t rows : {512, 4096}) {
        benchmark::RegisterBenchmark((name + "/prefill_256_to:" + std::to_string(rows)).c_str(), Run, info.isa, threads,
                                     rows - 256, 256, 1)
            ->UseRealTime();
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace bitnet
