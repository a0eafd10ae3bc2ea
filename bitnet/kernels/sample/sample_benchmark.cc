// Argmax and the sampler over the vocabulary of 2B-4T.

#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/sample/argmax_kernels.h"
#include "bitnet/sampling/sampler.h"

namespace bitnet {
namespace {

constexpr int64_t kVocab = 128256;

// About normal, with a standard deviation of 2.3: the sum of four uniform values.
std::vector<float> Logits() {
  std::vector<float> parts(4 * kVocab), logits(kVocab);
  FillPattern(Pattern::kRandom, 1, parts);
  for (int64_t i = 0; i < kVocab; ++i) {
    logits[i] = (parts[4 * i] + parts[4 * i + 1] + parts[4 * i + 2] + parts[4 * i + 3]) / 2;
  }
  return logits;
}

void RunArgmax(benchmark::State& state, KernelId kernel) {
  const std::vector<float> logits = Logits();
  const ArgmaxFn argmax = FindArgmaxFn(kernel);
  for (auto _ : state) benchmark::DoNotOptimize(argmax(logits.data(), kVocab));
  state.SetBytesProcessed(state.iterations() * kVocab * 4);
}

void RunSample(benchmark::State& state, SamplingParams params) {
  const std::vector<float> logits = Logits();
  const std::vector<int32_t> history = {1, 2, 3, 4};
  const Sampler sampler(params);
  uint64_t position = 0;
  for (auto _ : state) benchmark::DoNotOptimize(sampler.Sample(logits, history, position++));
}

const bool kRegistered = [] {
  for (KernelId kernel : KernelsOf(Op::kArgmax)) {
    if (!DetectIsaSet().Has(GetKernel(kernel).isa)) continue;
    benchmark::RegisterBenchmark(std::string(GetKernel(kernel).id).c_str(), RunArgmax, kernel);
  }
  const auto sample = [](const char* name, const SamplingParams& params) {
    benchmark::RegisterBenchmark((std::string("sample_f32_scalar/") + name).c_str(), RunSample, params);
  };
  sample("temperature", {.temperature = 0.8f});
  sample("top_k:40", {.temperature = 0.8f, .top_k = 40});
  sample("top_p:0.9", {.temperature = 0.8f, .top_p = 0.9f});
  sample("min_p:0.05", {.temperature = 0.8f, .min_p = 0.05f});
  sample("all", {.temperature = 0.8f, .top_k = 40, .top_p = 0.95f, .min_p = 0.05f, .repetition_penalty = 1.1f});
  return true;
}();

}  // namespace
}  // namespace bitnet
