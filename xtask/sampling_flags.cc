#include "xtask/sampling_flags.h"

#include "xtask/random_seed.h"

namespace bitnet::xtask {

SamplingParams SamplingFlags::Params(const Environment& environment) const {
  if (greedy) return {};
  SamplingParams params = sampling;
  params.seed = ChooseSeed(seed, environment);
  return params;
}

void AddSamplingFlags(CLI::App& command, SamplingFlags& flags) {
  command.add_flag("--greedy", flags.greedy, "Always the most likely token; the flags below are ignored");
  command.add_option("--temperature", flags.sampling.temperature, "0 is greedy")->capture_default_str();
  command.add_option("--top-k", flags.sampling.top_k, "Keep the k most likely tokens; 0 is off")->capture_default_str();
  command.add_option("--top-p", flags.sampling.top_p, "Keep the fewest tokens that reach this probability; 1 is off")
      ->capture_default_str();
  command.add_option("--min-p", flags.sampling.min_p, "Drop tokens below this share of the most likely; 0 is off")
      ->capture_default_str();
  command.add_option("--repetition-penalty", flags.sampling.repetition_penalty, "1 is off")->capture_default_str();
  command.add_option("--repetition-window", flags.sampling.repetition_window, "Last tokens that the penalty looks at")
      ->capture_default_str()
      ->check(CLI::Range(0, 1 << 20));
  command.add_option("--seed", flags.seed, "Seed of the sampler (default: BITNET_SEED, else random and reported)")
      ->check(CLI::Range(uint64_t{0}, (uint64_t{1} << 53) - 1));
}

}  // namespace bitnet::xtask
