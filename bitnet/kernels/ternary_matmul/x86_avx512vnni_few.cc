// The gemm with AVX-512 VNNI for few tokens, straight from packed weights. As in the gemv, a block of I2_S in both
// halves of a register leaves under a mask the codes of 64 weights that are neighbours in the row:
//
//     low half          high half
//     x >> 4 & 0x0C     x >> 4 & 0x03     4 * code of w[0..31],   1 * code of w[32..63]
//     x & 0x0C          x & 0x03          4 * code of w[64..95],  1 * code of w[96..127]
//
// Both have the same powers of two, so that one sum serves a row and a token: what a shift costs, on one of the two
// ports that multiply, is little against the products of several tokens, and the registers that it saves hold sums of
// more rows, for which activations are loaded once. With r rows and t tokens a block costs 3 r + 2 r t instructions on
// two ports: 3 rows and 8 tokens reach 48 of 57 of what these can.
//
// vpdpbusd adds four products of an unsigned byte and a signed one: a code <= 2 times 4, at most 2^12 in magnitude; a
// row of K <= kMaxTernaryK = 2^19 gives a lane K / 64 = 2^13 of them: 2^25. No saturating form is used.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/int8_dot_avx512vnni.h"
#include "bitnet/kernels/prefetch_x86.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"
#include "bitnet/kernels/ternary_matmul/x86_avx512vnni.h"

namespace bitnet {
namespace {

// Tokens at a time, and rows of weights against so many: streams as in the gemv, far apart. Sums, codes and an
// activation are 25 to 31 of 32 registers.
constexpr int kMostTokens = 8;
constexpr int kStreams[kMostTokens + 1] = {0, 0, 6, 5, 5, 4, 3, 3, 3};

// Features that one group of tokens goes through before the next: their weights stay in the second-level cache.
constexpr int64_t kStrip = 192;

// Keeps gcc from loading it once for every product.
inline __m512i InRegister(__m512i v) {
  asm("" : "+v"(v));
  return v;
}

// {sum of v[0], ..., sum of v[7]}.
inline __m256i SumEach(const __m256i (&v)[8]) {
  const __m256i a = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
  const __m256i b = _mm256_hadd_epi32(_mm256_hadd_epi32(v[4], v[5]), _mm256_hadd_epi32(v[6], v[7]));
  return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
}

// A group of tokens: from `first` on, and of each what its sums are scaled with.
struct Group {
  int64_t first;
  __m256i act_sum;
  __m256 scale;  // weight_scale / act_scale
};

// Features feature + i * apart for i < kRows.
template <int kRows, int kTokens>
inline void Rows(const I2sProduct& p, const Group& group, int64_t feature, int64_t apart) {
  static_assert(kTokens <= kMostTokens && kMostTokens == 8);
  const int64_t row_bytes = p.k / 4;
  const __m512i fields = LowerFields();
  const int8_t* const q = p.q + group.first * p.k;
  const uint8_t* w[kRows];
  Sums sum[kRows][kTokens];
  UNROLL
  for (int i = 0; i < kRows; ++i) {
    w[i] = p.packed + (feature + i * apart) * row_bytes;
    UNROLL
    for (int t = 0; t < kTokens; ++t) sum[i][t] = Sums{};
  }
  for (int64_t at = 0; at < row_bytes; at += kBlockBytes) {
    __m512i upper[kRows], lower[kRows];
    UNROLL
    for (int i = 0; i < kRows; ++i) {
      PrefetchAt(w[i] + at, kPrefetchBytes);
      const __m512i x = LoadBlock(w[i] + at);
      upper[i] = _mm512_and_si512(_mm512_srli_epi16(x, 4), fields);
      lower[i] = _mm512_and_si512(x, fields);
    }
    UNROLL
    for (int t = 0; t < kTokens; ++t) {
      const int8_t* const here = q + t * p.k + at * 4;
      const __m512i q0 = InRegister(_mm512_loadu_si512(here));
      UNROLL
      for (int i = 0; i < kRows; ++i) AddProducts(sum[i][t], upper[i], q0);
      const __m512i q1 = InRegister(_mm512_loadu_si512(here + 64));
      UNROLL
      for (int i = 0; i < kRows; ++i) AddProducts(sum[i][t], lower[i], q1);
    }
  }
  UNROLL
  for (int i = 0; i < kRows; ++i) {
    __m256i v[kMostTokens];
    UNROLL
    for (int t = 0; t < kMostTokens; ++t) v[t] = t < kTokens ? FoldHalves(sum[i][t % kTokens]) : _mm256_setzero_si256();
    float y[kMostTokens];
    _mm256_storeu_ps(y, _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(SumEach(v), group.act_sum)), group.scale));
    UNROLL
    for (int t = 0; t < kTokens; ++t) p.y[(group.first + t) * p.m + feature + i * apart] = y[t];
  }
}

// Tokens [first, first + kTokens).
template <int kTokens>
void Features(const I2sProduct& p, int64_t first, int64_t begin, int64_t end) {
  int32_t act_sum[kMostTokens] = {};
  float scale[kMostTokens] = {};
  UNROLL
  for (int t = 0; t < kTokens; ++t) {
    act_sum[t] = p.act_sum[first + t];
    scale[t] = p.weight_scale / p.act_scale[first + t];
  }
  const Group group = {first, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(act_sum)), _mm256_loadu_ps(scale)};
  constexpr int kRows = kStreams[kTokens];
  const int64_t apart = (end - begin) / kRows;
  for (int64_t i = 0; i < apart; ++i) Rows<kRows, kTokens>(p, group, begin + i, apart);
  for (int64_t feature = begin + apart * kRows; feature < end; ++feature) Rows<1, kTokens>(p, group, feature, 0);
}

using FeaturesFn = void (*)(const I2sProduct&, int64_t, int64_t, int64_t);
constexpr FeaturesFn kFeatures[kMostTokens + 1] = {nullptr,     nullptr,     Features<2>, Features<3>, Features<4>,
                                                   Features<5>, Features<6>, Features<7>, Features<8>};

}  // namespace

void I2sFewTokensAvx512Vnni(const I2sProduct& p, int64_t begin, int64_t end) {
  if (p.rows == 1) return I2sGemvAvx512Vnni(p, begin, end);
  if (p.rows <= kMostTokens) return kFeatures[p.rows](p, 0, begin, end);
  const int64_t groups = (p.rows + kMostTokens - 1) / kMostTokens;  // of nearly the same size
  for (int64_t strip = begin; strip < end; strip += kStrip) {
    const int64_t next_strip = strip + kStrip < end ? strip + kStrip : end;
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t first = p.rows * group / groups;
      const int64_t next = p.rows * (group + 1) / groups;
      kFeatures[next - first](p, first, strip, next_strip);
    }
  }
}

}  // namespace bitnet
