// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): random bits as a pure
// function of (seed, counter), so a sampled token depends on its position only and not on what ran before.

#ifndef BITNET_BASE_PHILOX_H_
#define BITNET_BASE_PHILOX_H_

#include <array>
#include <cstdint>

namespace bitnet {

// `key` = {low, high} of a 64-bit seed, `counter` = any 128-bit position.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// Four words for position `index` of stream `stream` under `seed`.
std::array<uint32_t, 4> PhiloxAt(uint64_t seed, uint64_t stream, uint64_t index);

}  // namespace bitnet

#endif  // BITNET_BASE_PHILOX_H_
