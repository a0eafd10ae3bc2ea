// The flags of how tokens are chosen.

#ifndef XTASK_SAMPLING_FLAGS_H_
#define XTASK_SAMPLING_FLAGS_H_

#include <cstdint>
#include <optional>

#include "CLI/CLI.hpp"
#include "bitnet/sampling/sampler.h"
#include "xtask/environment.h"

namespace bitnet::xtask {

struct SamplingFlags {
  bool greedy = false;
  SamplingParams sampling = {.temperature = 0.8f, .top_k = 40, .top_p = 0.95f};
  std::optional<uint64_t> seed;

  // What they ask for; a seed that is not given is BITNET_SEED, or random.
  SamplingParams Params(const Environment& environment) const;
};

// --greedy, --temperature, --top-k, --top-p, --min-p, --repetition-penalty, --repetition-window, --seed.
void AddSamplingFlags(CLI::App& command, SamplingFlags& flags);

}  // namespace bitnet::xtask

#endif  // XTASK_SAMPLING_FLAGS_H_
