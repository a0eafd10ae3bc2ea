// The sampler's seed when none is given.

#ifndef XTASK_RANDOM_SEED_H_
#define XTASK_RANDOM_SEED_H_

#include <cstdint>
#include <optional>

#include "xtask/environment.h"

namespace bitnet::xtask {

inline constexpr uint64_t kDeterministicSeed = 42;

// The flag, else BITNET_SEED, else kDeterministicSeed under BITNET_DETERMINISTIC=1, else one from the operating system
// (below 2^53, so that it survives JSON) which is reported on stderr.
uint64_t ChooseSeed(std::optional<uint64_t> flag, const Environment& environment);

}  // namespace bitnet::xtask

#endif  // XTASK_RANDOM_SEED_H_
