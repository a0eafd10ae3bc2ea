#include "verify/testing/pass_fixtures.h"

namespace bitnet::verify {

std::vector<PassFixture> PassFixtures() {
  HonestRun tiny;
  tiny.arch = kTinyShape;
  tiny.model_path = "tiny-i2_s.gguf";
  tiny.prompt = 7;
  tiny.chunk = 3;
  tiny.requested = tiny.generated = 5;
  tiny.isa = tiny.detected = Isa::kScalar;
  tiny.isa_requested = true;
  tiny.threads = tiny.cores = 1;

  HonestRun llama = tiny;
  llama.arch = kLlamaShape;
  llama.arch_name = "llama";
  llama.model_path = "tiny-llama-tq2_0.gguf";
  llama.quantization_type = "tq2_0";

  HonestRun one_token;  // no second token, so no rate
  one_token.requested = one_token.generated = 1;

  HonestRun sampled;
  sampled.greedy = false;
  sampled.isa = Isa::kAvx2;
  sampled.isa_requested = true;

  HonestRun eos;
  eos.generated = 40;
  eos.finish_reason = "eos";
  eos.chunk = 32;
  eos.kv_reused = 96;

  HonestRun benchmark;
  benchmark.samples = 5;

  HonestRun traced;
  traced.trace = true;

  HonestRun drafted;
  drafted.draft = 7;

  return {{"pass_honest", {}},           {"pass_tiny_scalar", tiny}, {"pass_llama", llama},
          {"pass_one_token", one_token}, {"pass_sampled", sampled},  {"pass_eos", eos},
          {"pass_benchmark", benchmark}, {"pass_traced", traced},    {"pass_drafted", drafted}};
}

}  // namespace bitnet::verify
