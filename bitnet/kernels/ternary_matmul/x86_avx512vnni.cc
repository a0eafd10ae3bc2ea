// AVX-512 VNNI kernels.
//
// One I2_S block is broadcast to both halves of a 512-bit register, so that one AND leaves the codes of 64 weights
// that are neighbours in the row, next to 64 activations in their natural order:
//
//     low half   high half
//     x & 0xC0   x & 0x30     64 * code of w[0..31],  16 * code of w[32..63]
//     x & 0x0C   x & 0x03      4 * code of w[64..95],  1 * code of w[96..127]
//
// Nothing is shifted until the end of the row: the two halves of a sum stay apart, each with its own power of two,
// and every partial sum is a multiple of it, so that the shift at the end is exact.
//
// vpdpbusd adds four products of an unsigned byte (code <= 2 times 64) and a signed one: at most 2^16 in magnitude.
// A row of K <= kMaxTernaryK = 2^19 gives a lane of the gemv K / 128 = 2^12 of them: 2^28. The gemm has 64 times
// all codes of two fields in one lane: 2 * 2^12 * 2^16 = 2^29. No saturating form is used.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kBlockBytes = 32;  // 128 weights
constexpr int64_t kLine = 64;

// Rows that a gemv reads in lockstep, far apart: each is a sequential stream of its own, and memory serves several
// streams of one core faster than one. Measured on Zen 5: 4 streams 2 KiB ahead read 40 GB/s, one stream 28, 8 streams
// or 1 KiB 27 to 33.
constexpr int kStreams = 4;
constexpr int64_t kPrefetchBytes = 2048;

// Register tile of the gemm: 4 * 6 sums, 4 weights, 1 activation, 1 mask of 32 registers.
constexpr int kTileFeatures = 4;
constexpr int kTileTokens = 6;
// Packed weights that stay in the second-level cache while all tokens pass by.
constexpr int64_t kWeightBlockBytes = 256 * 1024;

inline __m512i Halves(char low, char high) {
  return _mm512_inserti64x4(_mm512_set1_epi8(low), _mm256_set1_epi8(high), 1);
}
inline __m512i UpperFields() { return Halves(static_cast<char>(0xC0), 0x30); }  // w[0..63]
inline __m512i LowerFields() { return Halves(0x0C, 0x03); }                     // w[64..127]

// Sums live in the type that the instruction computes in: with __m512i, a vector of 64-bit integers, gcc copies every
// sum at both ends of the loop, and spills them. UNROLL is what makes clang keep a whole tile in registers.
typedef int32_t Sums __attribute__((vector_size(64)));
#define UNROLL _Pragma("GCC unroll 8")

inline void AddProducts(Sums& sums, __m512i codes, __m512i q) {
  sums = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), codes, q));
}

inline __m512i Load(const int8_t* q) { return _mm512_loadu_si512(q); }
inline __m512i LoadBlock(const uint8_t* packed) {
  return _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(packed)));
}
// May point past the matrix: a prefetch never faults, and a pointer past the end may not be formed.
inline void Prefetch(const uint8_t* packed) {
  _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(packed) + kPrefetchBytes), _MM_HINT_T0);
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

// float(sum - act_sum) * scale.
inline __m128 Finish(__m128i sum, int32_t act_sum, float scale) {
  return _mm_mul_ps(_mm_cvtepi32_ps(_mm_sub_epi32(sum, _mm_set1_epi32(act_sum))), _mm_set1_ps(scale));
}

// Feature feature + i * apart for i < kRows <= kStreams.
template <int kRows>
inline void GemvRows(const I2sProduct& p, int64_t feature, int64_t apart, float scale) {
  const int64_t row_bytes = p.k / 4;
  const __m512i upper_fields = UpperFields();
  const __m512i lower_fields = LowerFields();
  const uint8_t* w[kRows];
  Sums upper[kStreams], lower[kStreams];
  UNROLL
  for (int i = 0; i < kStreams; ++i) upper[i] = lower[i] = Sums{};
  UNROLL
  for (int i = 0; i < kRows; ++i) w[i] = p.packed + (feature + i * apart) * row_bytes;
  const auto add_block = [&](int64_t at) __attribute__((always_inline)) {
    const __m512i q0 = Load(p.q + at * 4);
    const __m512i q1 = Load(p.q + at * 4 + 64);
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
    for (int i = 0; i < kRows; ++i) Prefetch(w[i] + at);
    add_block(at);
    add_block(at + kBlockBytes);
  }
  if (at < row_bytes) add_block(at);
  __m256i sums[kStreams];
  UNROLL
  for (int i = 0; i < kStreams; ++i) sums[i] = FoldHalves((upper[i] >> 4) + lower[i]);
  float y[kStreams];
  _mm_storeu_ps(y, Finish(SumEach(sums[0], sums[1], sums[2], sums[3]), p.act_sum[0], scale));
  UNROLL
  for (int i = 0; i < kRows; ++i) p.y[feature + i * apart] = y[i];
}

// kFeatures features from `feature` on, `apart` features apart, times kTokens token rows from `token` on.
// The row is passed twice so that one register per sum is enough: first the lower fields at 4 and 1 times the codes,
// then, after a shift by 4, the upper ones at 64 and 16 times.
template <int kFeatures, int kTokens>
inline void GemmTile(const I2sProduct& p, int64_t feature, int64_t apart, int64_t token) {
  const int64_t row_bytes = p.k / 4;
  const uint8_t* w[kFeatures];
  const int8_t* q[kTokens];
  Sums sum[kTileFeatures][kTokens];
  UNROLL
  for (int f = 0; f < kFeatures; ++f) w[f] = p.packed + (feature + f * apart) * row_bytes;
  UNROLL
  for (int t = 0; t < kTokens; ++t) q[t] = p.q + (token + t) * p.k;
  UNROLL
  for (int f = 0; f < kTileFeatures; ++f) {
    UNROLL
    for (int t = 0; t < kTokens; ++t) sum[f][t] = Sums{};
  }
  const auto add_block = [&](int64_t at, int64_t column, __m512i mask) __attribute__((always_inline)) {
    __m512i code[kFeatures];
    UNROLL
    for (int f = 0; f < kFeatures; ++f) code[f] = _mm512_and_si512(LoadBlock(w[f] + at), mask);
    UNROLL
    for (int t = 0; t < kTokens; ++t) {
      const __m512i v = Load(q[t] + column);
      UNROLL
      for (int f = 0; f < kFeatures; ++f) AddProducts(sum[f][t], code[f], v);
    }
  };
  const __m512i lower_fields = LowerFields();
  for (int64_t at = 0; at < row_bytes; at += kBlockBytes) {
    UNROLL
    for (int f = 0; f < kFeatures; ++f) Prefetch(w[f] + at);
    add_block(at, at * 4 + 64, lower_fields);
  }
  UNROLL
  for (int f = 0; f < kFeatures; ++f) {
    UNROLL
    for (int t = 0; t < kTokens; ++t) sum[f][t] <<= 4;
  }
  const __m512i upper_fields = UpperFields();
  for (int64_t at = 0; at < row_bytes; at += kBlockBytes) add_block(at, at * 4, upper_fields);
  UNROLL
  for (int t = 0; t < kTokens; ++t) {
    __m256i folded[kTileFeatures];
    UNROLL
    for (int f = 0; f < kTileFeatures; ++f) folded[f] = FoldHalves(sum[f][t] >> 4);
    const int64_t row = token + t;
    float y[4];
    _mm_storeu_ps(y, Finish(SumEach(folded[0], folded[1], folded[2], folded[3]), p.act_sum[row],
                            p.weight_scale / p.act_scale[row]));
    UNROLL
    for (int f = 0; f < kFeatures; ++f) p.y[row * p.m + feature + f * apart] = y[f];
  }
}

// Features [begin, end), few enough to stay in the second-level cache, times one tile of tokens, whose activations
// stay in the first-level cache.
template <int kTokens>
void GemmFeatures(const I2sProduct& p, int64_t begin, int64_t end, int64_t token) {
  const int64_t apart = (end - begin) / kTileFeatures;
  for (int64_t i = 0; i < apart; ++i) GemmTile<kTileFeatures, kTokens>(p, begin + i, apart, token);
  for (int64_t f = begin + apart * kTileFeatures; f < end; ++f) GemmTile<1, kTokens>(p, f, 0, token);
}

using GemmFeaturesFn = void (*)(const I2sProduct&, int64_t, int64_t, int64_t);
constexpr GemmFeaturesFn kGemmFeatures[kTileTokens + 1] = {
    nullptr, GemmFeatures<1>, GemmFeatures<2>, GemmFeatures<3>, GemmFeatures<4>, GemmFeatures<5>, GemmFeatures<6>};

}  // namespace

void I2sGemvAvx512Vnni(const I2sProduct& p, int64_t begin, int64_t end) {
  const float scale = p.weight_scale / p.act_scale[0];
  const int64_t apart = (end - begin) / kStreams;
  for (int64_t i = 0; i < apart; ++i) GemvRows<kStreams>(p, begin + i, apart, scale);
  for (int64_t f = begin + apart * kStreams; f < end; ++f) GemvRows<1>(p, f, 0, scale);
}

void I2sGemmAvx512Vnni(const I2sProduct& p, int64_t begin, int64_t end) {
  int64_t block = kWeightBlockBytes / (p.k / 4) / kTileFeatures * kTileFeatures;
  if (block < kTileFeatures) block = kTileFeatures;
  const int64_t tiles = (p.rows + kTileTokens - 1) / kTileTokens;
  for (int64_t first = begin; first < end; first += block) {
    const int64_t last = end - first < block ? end : first + block;
    for (int64_t tile = 0; tile < tiles; ++tile) {
      // Tiles of nearly the same size: 7 tokens are 4 and 3 rather than 6 and 1.
      const int64_t token = p.rows * tile / tiles;
      const int64_t next = p.rows * (tile + 1) / tiles;
      kGemmFeatures[next - token](p, first, last, token);
    }
  }
}

}  // namespace bitnet
