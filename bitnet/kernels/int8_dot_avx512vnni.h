// What the kernels with AVX-512 VNNI share: vpdpbusd and its operands. Included by files of that instruction
// set only.

#ifndef BITNET_KERNELS_INT8_DOT_AVX512VNNI_H_
#define BITNET_KERNELS_INT8_DOT_AVX512VNNI_H_

#include <immintrin.h>

#include <cstdint>

namespace bitnet {
namespace {

// Sums live in the type that the instruction computes in: with __m512i, a vector of 64-bit integers, gcc copies every
// sum at both ends of the loop, and spills them. UNROLL is what makes clang keep a whole tile in registers.
typedef int32_t Sums __attribute__((vector_size(64)));
#define UNROLL _Pragma("GCC unroll 16")

// To each 32-bit lane the products of its four bytes: unsigned ones of `u`, signed ones of `s`.
inline void AddProducts(Sums& sums, __m512i u, __m512i s) {
  sums = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), u, s));
}

// Four bytes in every lane.
inline __m512i BroadcastFour(const void* bytes) {
  int32_t four;
  __builtin_memcpy(&four, bytes, sizeof(four));
  return _mm512_set1_epi32(four);
}

}  // namespace
}  // namespace bitnet

#endif  // BITNET_KERNELS_INT8_DOT_AVX512VNNI_H_
