#include "verify/testing/honest_grid.h"

#include "absl/strings/str_cat.h"
#include "bitnet/tensor/ternary_formats.h"

namespace bitnet::verify {
namespace {

struct Model {
  ArchShape arch;
  const char* path;
  const char* name;
};

// 2B-4T, the two-layer model, a 700M-like one without grouped queries, one with odd sizes, and Llama-like ones, the
// first in the shape of Falcon3-7B-1.58bit.
constexpr Model kModels[] = {
    {k2B4TShape, "models/bitnet-b1.58-2B-4T/ggml-model-i2_s.gguf", "bitnet-b1.58"},
    {kTinyShape, "tiny.gguf", "bitnet-b1.58"},
    {{24, 1536, 4096, 16, 16, 96, 32002}, "bitnet_b1_58-large.gguf", "bitnet"},
    {{1, 128, 128, 4, 2, 32, 17}, "smallest.gguf", "bitnet-25"},
    {{28, 3072, 23040, 12, 4, 256, 131072, Activation::kSilu, false, true}, "falcon3-7b.gguf", "llama"},
    {kLlamaShape, "tiny-llama.gguf", "llama"},
};
constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni};

struct Lengths {
  uint64_t prompt;
  uint64_t generated;
  uint64_t chunk;
};
constexpr Lengths kLengths[] = {{1, 1, 256}, {1, 2, 1},   {7, 3, 7},       {33, 9, 7},    {32, 8, 1},
                                {64, 5, 32}, {65, 1, 64}, {512, 128, 256}, {513, 64, 256}};

void AddSpecialRuns(std::vector<HonestRun>& runs) {
  HonestRun base;
  const auto add = [&](auto change) {
    HonestRun run = base;
    run.time_seed = 1000 + runs.size();
    change(run);
    runs.push_back(run);
  };
  add([](HonestRun& run) { run.finish_reason = "eos", run.generated = 17; });
  add([](HonestRun& run) { run.finish_reason = "eos"; });
  add([](HonestRun& run) { run.finish_reason = "stop", run.generated = 1; });
  add([](HonestRun& run) { run.kv_reused = 500; });
  add([](HonestRun& run) { run.kv_reused = 511; });
  add([](HonestRun& run) { run.all_prefill_logits = true, run.chunk = 64; });
  add([](HonestRun& run) { run.all_prefill_logits = true, run.prompt = 65, run.chunk = 64; });
  add([](HonestRun& run) { run.all_prefill_logits = true, run.prompt = 5, run.chunk = 1; });
  for (uint64_t samples : {1, 2, 3, 5, 10}) {
    add([&](HonestRun& run) { run.samples = samples; });
    add([&](HonestRun& run) { run.samples = samples, run.generated = run.requested = 1; });
  }
  for (const TernaryFormat& format : kTernaryFormats) {
    add([&](HonestRun& run) { run.quantization_type = format.name; });
  }
  add([](HonestRun& run) { run.quantization_type = "tq2_0", run.arch = kTinyShape, run.model_path = "tiny.gguf"; });
  add([](HonestRun& run) {
    run.arch = kLlamaShape, run.arch.untied_head = false, run.arch_name = "llama", run.model_path = "llama.gguf";
    run.quantization_type = "tq1_0";
  });
  add([](HonestRun& run) { run.isa = Isa::kAvx2, run.isa_requested = true; });
  add([](HonestRun& run) { run.isa = Isa::kScalar, run.isa_requested = true, run.greedy = false; });
  add([](HonestRun& run) { run.isa = run.detected = Isa::kAvxVnni; });
  add([](HonestRun& run) { run.isa = run.detected = Isa::kAmxInt8; });
  add([](HonestRun& run) { run.isa = run.detected = Isa::kNeonDotprod; });
  for (uint64_t draft : {1, 2, 7, 15}) {
    add([&](HonestRun& run) { run.draft = draft; });
    add([&](HonestRun& run) { run.draft = draft, run.screened = true, run.trace = true, run.chunk = 64; });
    add([&](HonestRun& run) { run.draft = draft, run.greedy = false, run.generated = run.requested = draft + 3; });
    add([&](HonestRun& run) { run.draft = draft, run.finish_reason = "eos", run.generated = 40, run.kv_reused = 96; });
  }
  for (uint64_t threads : {1, 2, 3, 5, 16}) add([&](HonestRun& run) { run.threads = threads, run.cores = 2; });
}

}  // namespace

std::vector<HonestRun> HonestGrid() {
  std::vector<HonestRun> runs;
  for (const Model& model : kModels) {
    for (const Isa isa : kIsas) {
      for (const Lengths& lengths : kLengths) {
        for (const bool greedy : {true, false}) {
          HonestRun run;
          run.arch = model.arch;
          run.model_path = model.path;
          run.arch_name = model.name;
          run.isa = run.detected = isa;
          run.prompt = lengths.prompt;
          run.generated = run.requested = lengths.generated;
          run.chunk = lengths.chunk;
          run.greedy = greedy;
          run.time_seed = 1 + runs.size();
          runs.push_back(run);
        }
      }
    }
  }
  AddSpecialRuns(runs);
  return runs;
}

std::string Describe(const HonestRun& run) {
  return absl::StrCat(run.model_path, " ", run.quantization_type, " ", IsaName(run.isa), " prompt ", run.prompt,
                      " reused ", run.kv_reused, " generated ", run.generated, " chunk ", run.chunk,
                      run.all_prefill_logits ? " all logits" : "", run.greedy ? " greedy " : " sampled ",
                      run.finish_reason, " threads ", run.threads, " samples ", run.samples, " draft ", run.draft);
}

}  // namespace bitnet::verify
