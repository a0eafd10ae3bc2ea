// AVX2 kernels: vpmaddubsw multiplies 32 codes (unsigned) with 32 activations and adds pairs to 16 bits.
//
// A pair is at most 2 * 2 * 128 = 512 in magnitude, and 508 when positive, since only -128 reaches 128. So 64 pairs
// fit a 16-bit lane: 64 * 508 = 32512 and 64 * -512 = -32768. They are then widened by vpmaddwd. A row of
// K <= kMaxTernaryK = 2^19 stays within 2^27 altogether.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kBlockBytes = 32;  // 128 weights
constexpr int64_t kLine = 64;

// Rows that a gemv reads in lockstep, far apart: each is a sequential stream of its own, and memory serves several
// streams of one core faster than one. Four have their sums in 8 of the 16 registers.
constexpr int kStreams = 4;
constexpr int64_t kPrefetchBytes = 2048;

// Blocks between two widenings. Gemv: half of the sums hold 4 times the codes, two pairs a block, 8 * 2 * 4 = 64.
// Gemm: four pairs a block, 16 * 4 = 64.
constexpr int64_t kGemvChunkBytes = 8 * kBlockBytes;
constexpr int64_t kGemmChunkBytes = 16 * kBlockBytes;

// Register tile of the gemm: 2 * 4 sums, 2 weights, activation, product, mask.
constexpr int kTileFeatures = 2;
constexpr int kTileTokens = 4;
// Packed weights that stay in the second-level cache while all tokens pass by.
constexpr int64_t kWeightBlockBytes = 128 * 1024;

// Sums live in the type that the instructions compute in: with __m256i, a vector of 64-bit integers, gcc copies every
// sum at both ends of the loop. UNROLL is what makes clang keep a whole tile in registers.
typedef int16_t Sums16 __attribute__((vector_size(32)));
typedef int32_t Sums32 __attribute__((vector_size(32)));
#define UNROLL _Pragma("GCC unroll 8")

inline __m256i Load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }

// May point past the matrix: a prefetch never faults, and a pointer past the end may not be formed.
inline void Prefetch(const uint8_t* packed) {
  _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(packed) + kPrefetchBytes), _MM_HINT_T0);
}

inline int64_t Min(int64_t a, int64_t b) { return a < b ? a : b; }

// 16 sums of 16 bits to 8 of 32.
inline Sums32 Widen(Sums16 v) {
  return reinterpret_cast<Sums32>(_mm256_madd_epi16(reinterpret_cast<__m256i>(v), _mm256_set1_epi16(1)));
}

// Adds 16 sums of two products each. The empty statement makes the addition happen here: gcc would put all of them off
// to the end of the block and spill the products until then.
inline void AddPairs(Sums16& sums, __m256i codes, __m256i q) {
  sums += reinterpret_cast<Sums16>(_mm256_maddubs_epi16(codes, q));
  asm("" : "+x"(sums));
}

inline int32_t Sum(Sums32 sums) {
  const __m256i v = reinterpret_cast<__m256i>(sums);
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  return _mm_cvtsi128_si32(s);
}

// Feature feature + i * apart for i < kRows.
template <int kRows>
inline void GemvRows(const I2sProduct& p, int64_t feature, int64_t apart, float scale) {
  const int64_t row_bytes = p.k / 4;
  const __m256i once = _mm256_set1_epi8(0x03);
  const __m256i four = _mm256_set1_epi8(0x0C);
  const uint8_t* w[kRows];
  Sums32 total[kRows];
  UNROLL
  for (int i = 0; i < kRows; ++i) {
    w[i] = p.packed + (feature + i * apart) * row_bytes;
    total[i] = Sums32{};
  }
  for (int64_t chunk = 0; chunk < row_bytes; chunk += kGemvChunkBytes) {
    const int64_t chunk_end = Min(chunk + kGemvChunkBytes, row_bytes);
    Sums16 ones[kRows], fours[kRows];  // sums of pairs at 1 and at 4 times the codes
    UNROLL
    for (int i = 0; i < kRows; ++i) ones[i] = fours[i] = Sums16{};
    for (int64_t at = chunk; at < chunk_end; at += kBlockBytes) {
      if (at % kLine == 0) {
        UNROLL
        for (int i = 0; i < kRows; ++i) Prefetch(w[i] + at);
      }
      const int8_t* q = p.q + at * 4;
      UNROLL
      for (int i = 0; i < kRows; ++i) {
        const __m256i x = Load(w[i] + at);
        const __m256i y = _mm256_srli_epi16(x, 4);
        AddPairs(ones[i], _mm256_and_si256(x, once), Load(q + 96));
        AddPairs(fours[i], _mm256_and_si256(x, four), Load(q + 64));
        AddPairs(ones[i], _mm256_and_si256(y, once), Load(q + 32));
        AddPairs(fours[i], _mm256_and_si256(y, four), Load(q));
      }
    }
    UNROLL
    for (int i = 0; i < kRows; ++i) {
      total[i] += Widen(ones[i] + (fours[i] >> 2));  // 32 pairs: within 16384
    }
  }
  UNROLL
  for (int i = 0; i < kRows; ++i) {
    p.y[feature + i * apart] = static_cast<float>(Sum(total[i]) - p.act_sum[0]) * scale;
  }
}

// The 32 codes of field `kField` of a block: weights 32 * kField ...
template <int kField>
inline __m256i Codes(const uint8_t* block) {
  return _mm256_and_si256(_mm256_srli_epi16(Load(block), 6 - 2 * kField), _mm256_set1_epi8(0x03));
}

// kFeatures features from `feature` on times kTokens token rows from `token` on.
template <int kFeatures, int kTokens>
inline void GemmTile(const I2sProduct& p, int64_t feature, int64_t token) {
  const int64_t row_bytes = p.k / 4;
  const uint8_t* w = p.packed + feature * row_bytes;
  const int8_t* q = p.q + token * p.k;
  Sums32 total[kFeatures][kTokens];
  UNROLL
  for (int f = 0; f < kFeatures; ++f) {
    UNROLL
    for (int t = 0; t < kTokens; ++t) total[f][t] = Sums32{};
  }
  for (int64_t chunk = 0; chunk < row_bytes; chunk += kGemmChunkBytes) {
    const int64_t chunk_end = Min(chunk + kGemmChunkBytes, row_bytes);
    Sums16 sum[kFeatures][kTokens];
    UNROLL
    for (int f = 0; f < kFeatures; ++f) {
      UNROLL
      for (int t = 0; t < kTokens; ++t) sum[f][t] = Sums16{};
    }
    for (int64_t at = chunk; at < chunk_end; at += kBlockBytes) {
      UNROLL
      for (int f = 0; f < kFeatures; ++f) Prefetch(w + f * row_bytes + at);
      const auto add_field = [&]<int kField>() __attribute__((always_inline)) {
        __m256i code[kFeatures];
        UNROLL
        for (int f = 0; f < kFeatures; ++f) code[f] = Codes<kField>(w + f * row_bytes + at);
        UNROLL
        for (int t = 0; t < kTokens; ++t) {
          const __m256i v = Load(q + t * p.k + at * 4 + 32 * kField);
          UNROLL
          for (int f = 0; f < kFeatures; ++f) {
            AddPairs(sum[f][t], code[f], v);
          }
        }
      };
      add_field.template operator()<0>();
      add_field.template operator()<1>();
      add_field.template operator()<2>();
      add_field.template operator()<3>();
    }
    UNROLL
    for (int f = 0; f < kFeatures; ++f) {
      UNROLL
      for (int t = 0; t < kTokens; ++t) total[f][t] += Widen(sum[f][t]);
    }
  }
  UNROLL
  for (int t = 0; t < kTokens; ++t) {
    const int64_t row = token + t;
    const float scale = p.weight_scale / p.act_scale[row];
    UNROLL
    for (int f = 0; f < kFeatures; ++f) {
      p.y[row * p.m + feature + f] = static_cast<float>(Sum(total[f][t]) - p.act_sum[row]) * scale;
    }
  }
}

// Features [begin, end), few enough to stay in the second-level cache, times one tile of tokens, whose activations
// stay in the first-level cache.
template <int kTokens>
void GemmFeatures(const I2sProduct& p, int64_t begin, int64_t end, int64_t token) {
  int64_t f = begin;
  for (; f + kTileFeatures <= end; f += kTileFeatures) GemmTile<kTileFeatures, kTokens>(p, f, token);
  for (; f < end; ++f) GemmTile<1, kTokens>(p, f, token);
}

using GemmFeaturesFn = void (*)(const I2sProduct&, int64_t, int64_t, int64_t);
constexpr GemmFeaturesFn kGemmFeatures[kTileTokens + 1] = {nullptr, GemmFeatures<1>, GemmFeatures<2>, GemmFeatures<3>,
                                                           GemmFeatures<4>};

}  // namespace

void I2sGemvAvx2(const I2sProduct& p, int64_t begin, int64_t end) {
  const float scale = p.weight_scale / p.act_scale[0];
  const int64_t apart = (end - begin) / kStreams;
  for (int64_t i = 0; i < apart; ++i) GemvRows<kStreams>(p, begin + i, apart, scale);
  for (int64_t f = begin + apart * kStreams; f < end; ++f) GemvRows<1>(p, f, 0, scale);
}

void I2sGemmAvx2(const I2sProduct& p, int64_t begin, int64_t end) {
  int64_t block = kWeightBlockBytes / (p.k / 4) / kTileFeatures * kTileFeatures;
  if (block < kTileFeatures) block = kTileFeatures;
  const int64_t tiles = (p.rows + kTileTokens - 1) / kTileTokens;
  for (int64_t first = begin; first < end; first += block) {
    const int64_t last = end - first < block ? end : first + block;
    for (int64_t tile = 0; tile < tiles; ++tile) {
      // Tiles of nearly the same size: 5 tokens are 3 and 2 rather than 4 and 1.
      const int64_t token = p.rows * tile / tiles;
      const int64_t next = p.rows * (tile + 1) / tiles;
      kGemmFeatures[next - token](p, first, last, token);
    }
  }
}

}  // namespace bitnet
