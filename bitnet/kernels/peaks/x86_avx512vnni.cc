// vpdpbusd in sixteen chains: more than latency times ports of any CPU that has it.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/int8_dot_avx512vnni.h"
#include "bitnet/kernels/peaks/int8_loops.h"

namespace bitnet {

uint64_t Int8LoopAvx512Vnni(uint64_t rounds, uint32_t* sum) {
  constexpr int kChains = 16;
  const __m512i weights = _mm512_set1_epi8(static_cast<char>(kLoopWeight));
  const __m512i activations = _mm512_set1_epi8(kLoopActivation);
  Sums sums[kChains];
  UNROLL
  for (Sums& lanes : sums) {
    lanes = Sums{};
    __asm__("" : "+v"(lanes));  // equal chains must not become one
  }
  for (uint64_t round = 0; round < rounds; ++round) {
    UNROLL
    for (Sums& lanes : sums) AddProducts(lanes, weights, activations);
  }
  uint32_t total = 0;
  for (const Sums& lanes : sums) {
    for (int i = 0; i < 16; ++i) total += static_cast<uint32_t>(lanes[i]);
  }
  *sum = total;
  return rounds * kChains * 64;
}

}  // namespace bitnet
