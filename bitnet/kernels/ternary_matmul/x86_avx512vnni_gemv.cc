// Gemv with AVX-512 VNNI. One I2_S block is broadcast to both halves of a 512-bit register, so that one AND leaves the
// codes of 64 weights that are neighbours in the row, next to 64 activations in their natural order:
//
//     low half   high half
//     x & 0xC0   x & 0x30     64 * code of w[0..31],  16 * code of w[32..63]
//     x & 0x0C   x & 0x03      4 * code of w[64..95],  1 * code of w[96..127]
//
// Nothing is shifted until the end of the row: the two halves of a sum stay apart, each with its own power of two,
// and every partial sum is a multiple of it, so that the shift at the end is exact.
//
// vpdpbusd adds four products of an unsigned byte and a signed one: a code <= 2 times 64, at most 2^16 in magnitude; a
// row of K <= kMaxTernaryK = 2^19 gives a lane K / 128 = 2^12 of them: 2^28. No saturating form is used.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/int8_dot_avx512vnni.h"
#include "bitnet/kernels/prefetch_x86.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"
#include "bitnet/kernels/ternary_matmul/x86_avx512vnni.h"

namespace bitnet {
namespace {

// Rows of weights that are read in lockstep, far apart: each is a sequential stream of its own, and memory serves
// several streams of one core faster than one. Two sums for each are 16 of 32 registers.
constexpr int kStreams = 8;

// {sum of a, sum of b, sum of c, sum of d}.
inline __m128i SumEach(__m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i halves = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

// Features feature + i * apart for i < kRows. scale is weight_scale / act_scale.
template <int kRows>
inline void Rows(const I2sProduct& p, float scale, int64_t feature, int64_t apart) {
  constexpr int kSums = (kRows + 3) / 4 * 4;
  const int64_t row_bytes = p.k / 4;
  const __m512i upper_fields = UpperFields();
  const __m512i lower_fields = LowerFields();
  const uint8_t* w[kRows];
  Sums upper[kSums], lower[kSums];
  UNROLL
  for (int i = 0; i < kSums; ++i) upper[i] = lower[i] = Sums{};
  UNROLL
  for (int i = 0; i < kRows; ++i) w[i] = p.packed + (feature + i * apart) * row_bytes;
  const auto add_block = [&](int64_t at) __attribute__((always_inline)) {
    const __m512i q0 = _mm512_loadu_si512(p.q + at * 4);
    const __m512i q1 = _mm512_loadu_si512(p.q + at * 4 + 64);
    UNROLL
    for (int i = 0; i < kRows; ++i) {
      const __m512i x = LoadBlock(w[i] + at);
      AddProducts(upper[i], _mm512_and_si512(x, upper_fields), q0);
      AddProducts(lower[i], _mm512_and_si512(x, lower_fields), q1);
    }
  };
  int64_t at = 0;
  for (; at + kLine <= row_bytes; at += kLine) {
    UNROLL
    for (int i = 0; i < kRows; ++i) PrefetchAt(w[i] + at, kPrefetchBytes);
    add_block(at);
    add_block(at + kBlockBytes);
  }
  if (at < row_bytes) add_block(at);
  __m256i sums[kSums];
  UNROLL
  for (int i = 0; i < kSums; ++i) sums[i] = FoldHalves((upper[i] >> 4) + lower[i]);
  int32_t dot[kSums];
  UNROLL
  for (int i = 0; i < kSums; i += 4) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dot + i), SumEach(sums[i], sums[i + 1], sums[i + 2], sums[i + 3]));
  }
  float* const y = p.y + feature;
  UNROLL
  for (int i = 0; i < kRows; ++i) y[i * apart] = static_cast<float>(dot[i] - p.act_sum[0]) * scale;
}

}  // namespace

void I2sGemvAvx512Vnni(const I2sProduct& p, int64_t begin, int64_t end) {
  const float scale = p.weight_scale / p.act_scale[0];
  const int64_t apart = (end - begin) / kStreams;
  for (int64_t i = 0; i < apart; ++i) Rows<kStreams>(p, scale, begin + i, apart);
  for (int64_t feature = begin + apart * kStreams; feature < end; ++feature) Rows<1>(p, scale, feature, 0);
}

}  // namespace bitnet
