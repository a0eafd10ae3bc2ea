// vpdpbusd in sixteen chains: more than latency times ports of any CPU that has it.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/peaks/int8_loops.h"

namespace bitnet {

uint64_t Int8LoopAvx512Vnni(uint64_t rounds, uint32_t* sum) {
  constexpr int kChains = 16;
  const __m512i weights = _mm512_set1_epi8(static_cast<char>(kLoopWeight));
  const __m512i activations = _mm512_set1_epi8(kLoopActivation);
  __m512i sums[kChains];
  for (__m512i& lanes : sums) lanes = _mm512_setzero_si512();
  for (uint64_t round = 0; round < rounds; ++round) {
    for (__m512i& lanes : sums) lanes = _mm512_dpbusd_epi32(lanes, weights, activations);
  }
  uint32_t total = 0;
  for (const __m512i& lanes : sums) {
    uint32_t values[16];
    _mm512_storeu_si512(values, lanes);
    for (uint32_t value : values) total += value;
  }
  *sum = total;
  return rounds * kChains * 64;
}

}  // namespace bitnet
