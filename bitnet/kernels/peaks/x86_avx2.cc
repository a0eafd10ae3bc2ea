// vpmaddubsw into 16-bit sums that are widened after eight, as the kernels of products do.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/peaks/int8_loops.h"

namespace bitnet {

uint64_t Int8LoopAvx2(uint64_t rounds, uint32_t* sum) {
  constexpr int kChains = 4, kDeep = 8;
  __m256i weights = _mm256_set1_epi8(static_cast<char>(kLoopWeight));
  __m256i activations = _mm256_set1_epi8(kLoopActivation);
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sums[kChains];
  for (__m256i& lanes : sums) lanes = _mm256_setzero_si256();
  for (uint64_t round = 0; round < rounds; ++round) {
    for (int chain = 0; chain < kChains; ++chain) {
      __m256i words = _mm256_setzero_si256();
      for (int i = 0; i < kDeep; ++i) {
        __asm__("" : "+x"(weights));  // another operand each time, as far as the compiler can know
        words = _mm256_add_epi16(words, _mm256_maddubs_epi16(weights, activations));
      }
      sums[chain] = _mm256_add_epi32(sums[chain], _mm256_madd_epi16(words, ones));
    }
  }
  uint32_t total = 0;
  for (const __m256i& lanes : sums) {
    uint32_t values[8];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(values), lanes);
    for (uint32_t value : values) total += value;
  }
  *sum = total;
  return rounds * kChains * kDeep * 32;
}

}  // namespace bitnet
