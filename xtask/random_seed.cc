#include "xtask/random_seed.h"

#include <sys/random.h>

#include <cinttypes>
#include <cstdio>

#include "absl/log/check.h"

namespace bitnet::xtask {

uint64_t ChooseSeed(std::optional<uint64_t> flag, const Environment& environment) {
  if (flag) return *flag;
  if (environment.seed) return *environment.seed;
  if (environment.deterministic) return kDeterministicSeed;
  uint64_t seed = 0;
  CHECK_EQ(getrandom(&seed, sizeof(seed), 0), static_cast<ssize_t>(sizeof(seed)));
  seed >>= 11;
  std::fprintf(stderr, "seed %" PRIu64 " (repeat this run with --seed)\n", seed);
  return seed;
}

}  // namespace bitnet::xtask
