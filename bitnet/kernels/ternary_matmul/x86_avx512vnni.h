// What the AVX-512 VNNI kernels share: which serves how many tokens, blocks of I2_S. For these files only.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_
#define BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/int8_dot_avx512vnni.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {

// Up to this many tokens, unpacking weights costs more than it saves.
inline constexpr int64_t kFewTokens = 16;

// The gemm for 1 to kFewTokens tokens, which reads packed weights as the gemv does.
void I2sFewTokensAvx512Vnni(const I2sProduct& product, int64_t begin, int64_t end);

namespace {

constexpr int64_t kBlockBytes = 32;   // packed
constexpr int64_t kI2sColumns = 128;  // weights in them
constexpr int64_t kLine = 64;
constexpr int64_t kPrefetchBytes = 1024;

inline __m512i Halves(char low, char high) {
  return _mm512_inserti64x4(_mm512_set1_epi8(low), _mm256_set1_epi8(high), 1);
}
inline __m512i UpperFields() { return Halves(static_cast<char>(0xC0), 0x30); }  // w[0..63] of a block in both halves
inline __m512i LowerFields() { return Halves(0x0C, 0x03); }                     // w[64..127]

// In both halves.
inline __m512i LoadBlock(const uint8_t* packed) {
  return _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(packed)));
}

// Low half 4 times, high half once the codes: makes both 1 and adds them.
inline __m256i FoldHalves(Sums sums) {
  const __m512i v = reinterpret_cast<__m512i>(sums);
  return _mm256_add_epi32(_mm256_srai_epi32(_mm512_castsi512_si256(v), 2), _mm512_extracti64x4_epi64(v, 1));
}

}  // namespace
}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_
