// 256-bit vpdpbusd in twelve chains: more than latency times ports of any CPU that has it.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/peaks/int8_loops.h"

namespace bitnet {
namespace {

// The type that the instruction computes in: with __m256i gcc copies every sum at both ends of the loop.
typedef int32_t Sums __attribute__((vector_size(32)));
#define UNROLL _Pragma("GCC unroll 16")

}  // namespace

uint64_t Int8LoopAvxVnni(uint64_t rounds, uint32_t* sum) {
  constexpr int kChains = 12;
  const __m256i weights = _mm256_set1_epi8(static_cast<char>(kLoopWeight));
  const __m256i activations = _mm256_set1_epi8(kLoopActivation);
  Sums sums[kChains];
  UNROLL
  for (Sums& lanes : sums) {
    lanes = Sums{};
    __asm__("" : "+x"(lanes));  // equal chains must not become one
  }
  for (uint64_t round = 0; round < rounds; ++round) {
    UNROLL
    for (Sums& lanes : sums) {
      lanes = reinterpret_cast<Sums>(_mm256_dpbusd_avx_epi32(reinterpret_cast<__m256i>(lanes), weights, activations));
    }
  }
  uint32_t total = 0;
  for (const Sums& lanes : sums) {
    for (int i = 0; i < 8; ++i) total += static_cast<uint32_t>(lanes[i]);
  }
  *sum = total;
  return rounds * kChains * 32;
}

}  // namespace bitnet
