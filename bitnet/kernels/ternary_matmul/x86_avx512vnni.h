// What the AVX-512 VNNI kernels share: products of codes and activations, blocks of I2_S, prefetching. For these files
// only.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_
#define BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {

// Up to this many tokens, unpacking weights costs more than it saves.
inline constexpr int64_t kFewTokens = 8;

// The gemm for 1 to kFewTokens tokens, which reads packed weights as the gemv does.
void I2sFewTokensAvx512Vnni(const I2sProduct& product, int64_t begin, int64_t end);

namespace {

constexpr int64_t kBlockBytes = 32;   // packed
constexpr int64_t kI2sColumns = 128;  // weights in them
constexpr int64_t kLine = 64;

// Sums live in the type that the instruction computes in: with __m512i, a vector of 64-bit integers, gcc copies every
// sum at both ends of the loop, and spills them. UNROLL is what makes clang keep a whole tile in registers.
typedef int32_t Sums __attribute__((vector_size(64)));
#define UNROLL _Pragma("GCC unroll 16")

inline void AddProducts(Sums& sums, __m512i codes, __m512i q) {
  sums = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), codes, q));
}

// May point past the matrix: a prefetch never faults, and a pointer past the end may not be formed.
inline void PrefetchAt(const uint8_t* packed, int64_t ahead) {
  _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(packed) + static_cast<uintptr_t>(ahead)),
               _MM_HINT_T0);
}

}  // namespace
}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_
