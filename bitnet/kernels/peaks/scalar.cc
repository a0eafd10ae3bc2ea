// Portable: whatever the compiler makes of products of bytes.

#include <cstdint>

#include "bitnet/kernels/peaks/int8_loops.h"

namespace bitnet {

uint64_t Int8LoopScalar(uint64_t rounds, uint32_t* sum) {
  constexpr int kBytes = 512;
  uint8_t weights[kBytes];
  int8_t activations[kBytes];
  for (int i = 0; i < kBytes; ++i) {
    weights[i] = kLoopWeight;
    activations[i] = kLoopActivation;
  }
  uint32_t total = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    __asm__ volatile("" : : "r"(weights), "r"(activations) : "memory");  // they might have changed
    int32_t products = 0;
    for (int i = 0; i < kBytes; ++i) products += weights[i] * activations[i];
    total += static_cast<uint32_t>(products);
  }
  *sum = total;
  return rounds * kBytes;
}

}  // namespace bitnet
