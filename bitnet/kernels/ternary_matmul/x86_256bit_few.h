// The gemm with 256-bit vectors for few tokens, straight from packed weights, over the same `Dot` as the gemm of
// x86_256bit.h. A block of I2_S is 32 bytes, so that a shift and a mask leave the codes of 32 weights that are
// neighbours in the row, next to 32 activations in their natural order. With 2 rows and 4 tokens 8 sums, 2 codes and
// 2 blocks are in the 16 registers; the shifts and masks, 7 of a block, are shared by the tokens. For these files only.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_X86_256BIT_FEW_H_
#define BITNET_KERNELS_TERNARY_MATMUL_X86_256BIT_FEW_H_

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/prefetch_x86.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"
#include "bitnet/kernels/ternary_matmul/x86_256bit.h"

namespace bitnet {
namespace {

constexpr int kFewRows = 2;  // of weights in lockstep, far apart: streams of their own
constexpr int kMostFewTokens = 4;
constexpr int64_t kFewPrefetchBytes = 1024;
// Packed weights that one group of tokens goes through before the next, to stay in the second-level cache.
constexpr int64_t kStripBytes = 128 << 10;

// A group of tokens: from `first` on, and of each what its sums are scaled with.
struct Group {
  int64_t first;
  __m128i act_sum;
  __m128 scale;  // weight_scale / act_scale
};

// {sum of v[0], ..., sum of v[3]}.
inline __m128i SumEach(const __m256i (&v)[kMostFewTokens]) {
  const __m256i halves = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
  return _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

// Features feature + i * apart for i < kRows.
template <typename Dot, int kRows, int kTokens>
inline void FewRows(const I2sProduct& p, const Group& group, int64_t feature, int64_t apart) {
  constexpr int64_t kChunkBytes = Dot::kRowChunk / 4;
  static_assert(kChunkBytes % kBlockBytes == 0 && kTokens <= kMostFewTokens);
  const int64_t row_bytes = p.k / 4;
  const __m256i two_bits = _mm256_set1_epi8(3);
  const int8_t* const q = p.q + group.first * p.k;
  const uint8_t* w[kRows];
  Sums32 total[kRows][kTokens];
  for (int i = 0; i < kRows; ++i) {
    w[i] = p.packed + (feature + i * apart) * row_bytes;
    for (int t = 0; t < kTokens; ++t) total[i][t] = Sums32{};
  }
  for (int64_t chunk = 0; chunk < row_bytes; chunk += kChunkBytes) {
    const int64_t end = Min(chunk + kChunkBytes, row_bytes);
    typename Dot::Sums sum[kRows][kTokens];
    UNROLL
    for (int i = 0; i < kRows; ++i) {
      UNROLL
      for (int t = 0; t < kTokens; ++t) sum[i][t] = typename Dot::Sums{};
    }
    for (int64_t at = chunk; at < end; at += kBlockBytes) {
      __m256i x[kRows];
      UNROLL
      for (int i = 0; i < kRows; ++i) {
        PrefetchAt(w[i] + at, kFewPrefetchBytes);
        x[i] = Load(w[i] + at);
      }
      UNROLL
      for (int field = 0; field < 4; ++field) {  // weights 32 * field to 32 * field + 31 of the block
        __m256i codes[kRows];
        UNROLL
        for (int i = 0; i < kRows; ++i) codes[i] = _mm256_and_si256(_mm256_srli_epi16(x[i], 6 - 2 * field), two_bits);
        UNROLL
        for (int t = 0; t < kTokens; ++t) {
          const __m256i v = Load(q + t * p.k + at * 4 + field * 32);
          UNROLL
          for (int i = 0; i < kRows; ++i) Dot::Add(sum[i][t], codes[i], v);
        }
      }
    }
    UNROLL
    for (int i = 0; i < kRows; ++i) {
      UNROLL
      for (int t = 0; t < kTokens; ++t) total[i][t] += Dot::Widen(sum[i][t]);
    }
  }
  for (int i = 0; i < kRows; ++i) {
    __m256i v[kMostFewTokens];
    for (int t = 0; t < kMostFewTokens; ++t) {
      v[t] = t < kTokens ? reinterpret_cast<__m256i>(total[i][t % kTokens]) : _mm256_setzero_si256();
    }
    float y[kMostFewTokens];
    _mm_storeu_ps(y, _mm_mul_ps(_mm_cvtepi32_ps(_mm_sub_epi32(SumEach(v), group.act_sum)), group.scale));
    for (int t = 0; t < kTokens; ++t) p.y[(group.first + t) * p.m + feature + i * apart] = y[t];
  }
}

// Tokens [first, first + kTokens).
template <typename Dot, int kTokens>
inline void FewTokens(const I2sProduct& p, int64_t first, int64_t begin, int64_t end) {
  int32_t act_sum[kMostFewTokens] = {};
  float scale[kMostFewTokens] = {};
  for (int t = 0; t < kTokens; ++t) {
    act_sum[t] = p.act_sum[first + t];
    scale[t] = p.weight_scale / p.act_scale[first + t];
  }
  const Group group = {first, _mm_loadu_si128(reinterpret_cast<const __m128i*>(act_sum)), _mm_loadu_ps(scale)};
  const int64_t apart = (end - begin) / kFewRows;
  for (int64_t i = 0; i < apart; ++i) FewRows<Dot, kFewRows, kTokens>(p, group, begin + i, apart);
  for (int64_t f = begin + apart * kFewRows; f < end; ++f) FewRows<Dot, 1, kTokens>(p, group, f, 0);
}

// Up to kFewTokens tokens, in groups of nearly the same size.
template <typename Dot>
inline void GemmFew(const I2sProduct& p, int64_t begin, int64_t end) {
  const int64_t groups = (p.rows + kMostFewTokens - 1) / kMostFewTokens;
  const int64_t rows = kStripBytes / (p.k / 4);
  const int64_t features = groups == 1 ? end - begin : rows > kFewRows ? rows : kFewRows;
  for (int64_t strip = begin; strip < end; strip += features) {
    const int64_t next_strip = Min(strip + features, end);
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t first = p.rows * group / groups;
      switch (p.rows * (group + 1) / groups - first) {
        case 1:
          FewTokens<Dot, 1>(p, first, strip, next_strip);
          break;
        case 2:
          FewTokens<Dot, 2>(p, first, strip, next_strip);
          break;
        case 3:
          FewTokens<Dot, 3>(p, first, strip, next_strip);
          break;
        case 4:
          FewTokens<Dot, 4>(p, first, strip, next_strip);
          break;
      }
    }
  }
}

// The gemm for any number of tokens.
template <typename Dot>
inline void GemmOf(const I2sProduct& p, int64_t begin, int64_t end) {
  return p.rows <= kFewTokens ? GemmFew<Dot>(p, begin, end) : Gemm<Dot>(p, begin, end);
}

}  // namespace
}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_X86_256BIT_FEW_H_
