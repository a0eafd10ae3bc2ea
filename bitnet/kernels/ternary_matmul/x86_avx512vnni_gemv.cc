// Gemv, and gemm of a few tokens, with AVX-512 VNNI. One I2_S block is broadcast to both halves of a 512-bit register,
// so that one AND leaves the codes of 64 weights that are neighbours in the row, next to 64 activations in their
// natural order:
//
//     low half   high half
//     x & 0xC0   x & 0x30     64 * code of w[0..31],  16 * code of w[32..63]
//     x & 0x0C   x & 0x03      4 * code of w[64..95],  1 * code of w[96..127]
//
// Nothing is shifted until the end of the row: the two halves of a sum stay apart, each with its own power of two,
// and every partial sum is a multiple of it, so that the shift at the end is exact.
//
// With t tokens a block of a row costs two ANDs and 2 t products, on ports that take two a cycle: at four tokens
// 1 + 4 cycles for 32 bytes, at 2.5 GHz no more than memory takes to deliver them to two cores.
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

constexpr int64_t kPrefetchBytes = 1024;

// Rows of weights that are read in lockstep, far apart, against a number of tokens at a time: each is a sequential
// stream of its own, and memory serves several streams of one core faster than one. Two sums for every row and token
// are 16 to 18 of 32 registers.
constexpr int kMostTokens = 4;
constexpr int kStreams[kMostTokens + 1] = {0, 8, 4, 3, 2};

inline __m512i Halves(char low, char high) {
  return _mm512_inserti64x4(_mm512_set1_epi8(low), _mm256_set1_epi8(high), 1);
}
inline __m512i UpperFields() { return Halves(static_cast<char>(0xC0), 0x30); }  // w[0..63]
inline __m512i LowerFields() { return Halves(0x0C, 0x03); }                     // w[64..127]

inline __m512i Load(const int8_t* q) { return _mm512_loadu_si512(q); }
inline __m512i LoadBlock(const uint8_t* packed) {
  return _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(packed)));
}

// Low half 4 times, high half once the codes: makes both 1 and adds them.
inline __m256i FoldHalves(Sums sums) {
  const __m512i v = reinterpret_cast<__m512i>(sums);
  return _mm256_add_epi32(_mm256_srai_epi32(_mm512_castsi512_si256(v), 2), _mm512_extracti64x4_epi64(v, 1));
}

// {sum of a, sum of b, sum of c, sum of d}.
inline __m128i SumEach(__m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i halves = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

// Features feature + i * apart for i < kRows, of tokens token + t for t < kTokens. scale [rows] is weight_scale /
// act_scale.
template <int kRows, int kTokens>
inline void Rows(const I2sProduct& p, const float* scale, int64_t feature, int64_t apart, int64_t token) {
  constexpr int kSums = (kRows * kTokens + 3) / 4 * 4;
  const int64_t row_bytes = p.k / 4;
  const __m512i upper_fields = UpperFields();
  const __m512i lower_fields = LowerFields();
  const int8_t* const q = p.q + token * p.k;
  const uint8_t* w[kRows];
  Sums upper[kSums], lower[kSums];  // of row i and token t: [i * kTokens + t]
  UNROLL
  for (int i = 0; i < kSums; ++i) upper[i] = lower[i] = Sums{};
  UNROLL
  for (int i = 0; i < kRows; ++i) w[i] = p.packed + (feature + i * apart) * row_bytes;
  const auto add_block = [&](int64_t at) __attribute__((always_inline)) {
    const int8_t* const here = q + at * 4;
    if constexpr (kTokens == 1) {
      const __m512i q0 = Load(here);
      const __m512i q1 = Load(here + 64);
      UNROLL
      for (int i = 0; i < kRows; ++i) {
        const __m512i x = LoadBlock(w[i] + at);
        AddProducts(upper[i], _mm512_and_si512(x, upper_fields), q0);
        AddProducts(lower[i], _mm512_and_si512(x, lower_fields), q1);
      }
    } else {
      __m512i up[kRows], low[kRows];
      UNROLL
      for (int i = 0; i < kRows; ++i) {
        const __m512i x = LoadBlock(w[i] + at);
        up[i] = _mm512_and_si512(x, upper_fields);
        low[i] = _mm512_and_si512(x, lower_fields);
      }
      UNROLL
      for (int t = 0; t < kTokens; ++t) {
        const __m512i q0 = Load(here + t * p.k);
        const __m512i q1 = Load(here + t * p.k + 64);
        UNROLL
        for (int i = 0; i < kRows; ++i) {
          AddProducts(upper[i * kTokens + t], up[i], q0);
          AddProducts(lower[i * kTokens + t], low[i], q1);
        }
      }
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
  UNROLL
  for (int t = 0; t < kTokens; ++t) {
    float* const y = p.y + (token + t) * p.m + feature;
    UNROLL
    for (int i = 0; i < kRows; ++i) {
      y[i * apart] = static_cast<float>(dot[i * kTokens + t] - p.act_sum[token + t]) * scale[token + t];
    }
  }
}

// The same of 1 to kMostTokens tokens.
template <int kRows>
inline void RowsOf(const I2sProduct& p, const float* scale, int64_t feature, int64_t apart, int64_t token,
                   int64_t tokens) {
  switch (tokens) {
    case 1:
      return Rows<kRows, 1>(p, scale, feature, apart, token);
    case 2:
      return Rows<kRows, 2>(p, scale, feature, apart, token);
    case 3:
      return Rows<kRows, 3>(p, scale, feature, apart, token);
    case 4:
      return Rows<kRows, 4>(p, scale, feature, apart, token);
  }
}

// All tokens, in groups of nearly the same size, of which none has more than kTokens. What one group read of the
// weights is in the nearest cache for the next.
template <int kTokens>
void Features(const I2sProduct& p, int64_t begin, int64_t end) {
  float scale[kFewTokens];
  for (int64_t t = 0; t < p.rows; ++t) scale[t] = p.weight_scale / p.act_scale[t];
  constexpr int kRows = kStreams[kTokens];
  const int64_t groups = (p.rows + kTokens - 1) / kTokens;
  const int64_t apart = (end - begin) / kRows;
  for (int64_t i = 0; i < apart; ++i) {
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t token = p.rows * group / groups;
      RowsOf<kRows>(p, scale, begin + i, apart, token, p.rows * (group + 1) / groups - token);
    }
  }
  for (int64_t feature = begin + apart * kRows; feature < end; ++feature) {
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t token = p.rows * group / groups;
      RowsOf<1>(p, scale, feature, 0, token, p.rows * (group + 1) / groups - token);
    }
  }
}

}  // namespace

void I2sGemvAvx512Vnni(const I2sProduct& p, int64_t begin, int64_t end) {
  constexpr int kRows = kStreams[1];
  const float scale = p.weight_scale / p.act_scale[0];
  const int64_t apart = (end - begin) / kRows;
  for (int64_t i = 0; i < apart; ++i) Rows<kRows, 1>(p, &scale, begin + i, apart, 0);
  for (int64_t feature = begin + apart * kRows; feature < end; ++feature) Rows<1, 1>(p, &scale, feature, 0, 0);
}

void I2sFewTokensAvx512Vnni(const I2sProduct& p, int64_t begin, int64_t end) {
  switch (p.rows) {
    case 1:
      return I2sGemvAvx512Vnni(p, begin, end);
    case 2:
      return Features<2>(p, begin, end);
    case 3:
    case 6:
      return Features<3>(p, begin, end);
    default:
      return Features<4>(p, begin, end);
  }
}

}  // namespace bitnet
