// The gemm with 256-bit vectors, written once for two ways to multiply bytes. `Dot` is the way:
//
//   Sums                    a vector register of sums
//   Add(sums, codes, q)     32 products of a code (unsigned) and an activation, added to the sums of their lanes
//   Widen(sums)             8 sums of 32 bits, those of the lanes of four bytes each
//   kGemmChunk              columns between two widenings where a lane holds four columns of a row
//   kRowChunk               the same where it holds every eighth group of four (x86_256bit_few.h)
//   kTileTokens             tokens whose sums, two panels each, fit the 16 registers; at most 6
//
// It transposes 8 rows of packed weights in groups of four bytes and then unpacks them, once for all tokens, into
// a panel: one vector for every four columns, its 32-bit lane r the four codes of row r. Against four activations of a
// token in every lane, a lane of the sum is an output feature: no sum across lanes. For these files only.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_X86_256BIT_H_
#define BITNET_KERNELS_TERNARY_MATMUL_X86_256BIT_H_

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/prefetch_x86.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kBlockBytes = 32;   // packed
constexpr int64_t kI2sColumns = 128;  // weights in them
constexpr int64_t kLine = 64;

constexpr int kPanelRows = 8;
constexpr int kTilePanels = 2;
constexpr int kTileFeatures = kTilePanels * kPanelRows;
constexpr int kMostTileTokens = 6;
// Up to this many tokens, unpacking weights for all of them costs more than it saves (x86_256bit_few.h).
constexpr int64_t kFewTokens = 8;
// Columns of a panel that are unpacked at a time. All of them, for the models there are: both panels stay in the
// second-level cache. Wider matrices keep their sums in y from one piece to the next.
constexpr int64_t kPanelColumns = 8192;

// Sums live in the type that the instructions compute in: with __m256i, a vector of 64-bit integers, gcc copies every
// sum at both ends of the loop. UNROLL is what makes clang keep a whole tile in registers.
typedef int32_t Sums32 __attribute__((vector_size(32)));
#define UNROLL _Pragma("GCC unroll 8")

inline __m256i Load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
inline void Store(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
inline __m256i BroadcastFour(const int8_t* q) {
  int32_t four;
  __builtin_memcpy(&four, q, sizeof(four));
  return _mm256_set1_epi32(four);
}

inline int64_t Min(int64_t a, int64_t b) { return a < b ? a : b; }

// Rows and columns of an 8 x 8 matrix of 32-bit values change places.
inline void Transpose(__m256i (&v)[8]) {
  __m256i t[8];
  UNROLL
  for (int i = 0; i < 8; i += 4) {
    const __m256i a = _mm256_unpacklo_epi32(v[i], v[i + 1]);
    const __m256i b = _mm256_unpackhi_epi32(v[i], v[i + 1]);
    const __m256i c = _mm256_unpacklo_epi32(v[i + 2], v[i + 3]);
    const __m256i d = _mm256_unpackhi_epi32(v[i + 2], v[i + 3]);
    t[i] = _mm256_unpacklo_epi64(a, c);  // columns 0 and 4, rows i to i + 3
    t[i + 1] = _mm256_unpackhi_epi64(a, c);
    t[i + 2] = _mm256_unpacklo_epi64(b, d);
    t[i + 3] = _mm256_unpackhi_epi64(b, d);
  }
  UNROLL
  for (int j = 0; j < 4; ++j) {
    v[j] = _mm256_permute2x128_si256(t[j], t[4 + j], 0x20);
    v[4 + j] = _mm256_permute2x128_si256(t[j], t[4 + j], 0x31);
  }
}

// Unpacks `columns` columns (whole blocks) of features [feature, min(feature + 8, end)) into panel[columns * 8]. The
// lanes of features from `end` on repeat the last one.
inline void UnpackPanel(const I2sProduct& p, int64_t feature, int64_t end, int64_t column, int64_t columns,
                        uint8_t* panel) {
  const int64_t row_bytes = p.k / 4;
  const __m256i two_bits = _mm256_set1_epi8(3);
  const uint8_t* row[kPanelRows];
  for (int i = 0; i < kPanelRows; ++i) {
    const int64_t f = feature + i < end ? feature + i : end - 1;
    row[i] = p.packed + f * row_bytes + column / 4;
  }
  for (int64_t at = 0; at < columns / 4; at += kBlockBytes, panel += kI2sColumns * kPanelRows) {
    __m256i v[8];
    UNROLL
    for (int i = 0; i < kPanelRows; ++i) {
      v[i] = Load(row[i] + at);
      if (at % kLine == 0) PrefetchAt(row[i] + at, kTileFeatures * row_bytes);
    }
    Transpose(v);
    UNROLL
    for (int j = 0; j < 8; ++j) {  // byte b of lane r of v[j]: weights 4 j + b, + 32, + 64 and + 96 of row r
      uint8_t* out = panel + j * 32;
      Store(out, _mm256_and_si256(_mm256_srli_epi16(v[j], 6), two_bits));
      Store(out + 256, _mm256_and_si256(_mm256_srli_epi16(v[j], 4), two_bits));
      Store(out + 512, _mm256_and_si256(_mm256_srli_epi16(v[j], 2), two_bits));
      Store(out + 768, _mm256_and_si256(v[j], two_bits));
    }
  }
}

// A piece of the columns, of as many features as a tile has, for all tokens.
struct Panels {
  const uint8_t* code[kTilePanels];  // [columns * 8] each
  int64_t feature;                   // the first
  __m256i present[kTilePanels];      // lanes that are features: all bits set
  int64_t column, columns;
};

// The features of `panels` times kTokens token rows from `token` on.
template <typename Dot, int kTokens>
void GemmTile(const I2sProduct& p, const Panels& panels, int64_t token) {
  const int8_t* q[kTokens];
  Sums32 total[kTilePanels][kTokens];
  for (int t = 0; t < kTokens; ++t) {
    q[t] = p.q + (token + t) * p.k + panels.column;
    for (int i = 0; i < kTilePanels; ++i) {
      total[i][t] = Sums32{};
      if (panels.column > 0) {
        const float* y = p.y + (token + t) * p.m + panels.feature + i * kPanelRows;
        total[i][t] =
            reinterpret_cast<Sums32>(_mm256_maskload_epi32(reinterpret_cast<const int*>(y), panels.present[i]));
      }
    }
  }
  for (int64_t chunk = 0; chunk < panels.columns; chunk += Dot::kGemmChunk) {
    const int64_t end = Min(chunk + Dot::kGemmChunk, panels.columns);
    typename Dot::Sums sum[kTilePanels][kTokens];
    UNROLL
    for (int i = 0; i < kTilePanels; ++i) {
      UNROLL
      for (int t = 0; t < kTokens; ++t) sum[i][t] = typename Dot::Sums{};
    }
    for (int64_t c = chunk; c < end; c += 4) {
      const __m256i x0 = Load(panels.code[0] + c * kPanelRows);
      const __m256i x1 = Load(panels.code[1] + c * kPanelRows);
      UNROLL
      for (int t = 0; t < kTokens; ++t) {
        const __m256i v = BroadcastFour(q[t] + c);
        Dot::Add(sum[0][t], x0, v);
        Dot::Add(sum[1][t], x1, v);
      }
    }
    UNROLL
    for (int i = 0; i < kTilePanels; ++i) {
      UNROLL
      for (int t = 0; t < kTokens; ++t) total[i][t] += Dot::Widen(sum[i][t]);
    }
  }
  const bool last = panels.column + panels.columns == p.k;
  for (int t = 0; t < kTokens; ++t) {
    const int64_t row = token + t;
    const __m256 scale = _mm256_set1_ps(p.weight_scale / p.act_scale[row]);
    const __m256i act_sum = _mm256_set1_epi32(p.act_sum[row]);
    for (int i = 0; i < kTilePanels; ++i) {
      float* y = p.y + row * p.m + panels.feature + i * kPanelRows;
      __m256i v = reinterpret_cast<__m256i>(total[i][t]);
      if (last) {
        v = _mm256_castps_si256(_mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(v, act_sum)), scale));
      }
      _mm256_maskstore_epi32(reinterpret_cast<int*>(y), panels.present[i], v);
    }
  }
}

using GemmTileFn = void (*)(const I2sProduct&, const Panels&, int64_t);

// More than kFewTokens tokens are cut into tiles of which none is half of the largest or less.
template <typename Dot, int kTokens>
constexpr GemmTileFn TileOf() {
  static_assert(kFewTokens >= 2 * Dot::kTileTokens || (kFewTokens == 8 && Dot::kTileTokens == 6));
  if constexpr (kTokens > Dot::kTileTokens / 2 && kTokens <= Dot::kTileTokens) {
    return GemmTile<Dot, kTokens>;
  } else {
    return nullptr;
  }
}

template <typename Dot>
constexpr GemmTileFn kGemmTile[kMostTileTokens + 1] = {nullptr,          TileOf<Dot, 1>(), TileOf<Dot, 2>(),
                                                       TileOf<Dot, 3>(), TileOf<Dot, 4>(), TileOf<Dot, 5>(),
                                                       TileOf<Dot, 6>()};

inline __m256i First(int64_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(Min(n, kPanelRows))),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

template <typename Dot>
inline void Gemm(const I2sProduct& p, int64_t begin, int64_t end) {
  alignas(64) uint8_t code[kTilePanels][kPanelColumns * kPanelRows];
  const int64_t tiles = (p.rows + Dot::kTileTokens - 1) / Dot::kTileTokens;
  for (int64_t feature = begin; feature < end; feature += kTileFeatures) {
    for (int64_t column = 0; column < p.k; column += kPanelColumns) {
      Panels panels = {.code = {code[0], code[1]}, .feature = feature, .present = {}, .column = column};
      panels.columns = Min(p.k - column, kPanelColumns);
      for (int i = 0; i < kTilePanels; ++i) {
        const int64_t first = feature + i * kPanelRows;
        panels.present[i] = First(end - first);
        if (first < end) {
          UnpackPanel(p, first, end, column, panels.columns, code[i]);
        } else {
          panels.code[i] = code[0];  // computed and not stored
        }
      }
      for (int64_t tile = 0; tile < tiles; ++tile) {
        // Tiles of nearly the same size: of four tokens at most, 9 are 3, 3 and 3 rather than 4, 4 and 1.
        const int64_t token = p.rows * tile / tiles;
        const int64_t next = p.rows * (tile + 1) / tiles;
        kGemmTile<Dot>[next - token](p, panels, token);
      }
    }
  }
}

}  // namespace
}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_X86_256BIT_H_
