// The gemm with AVX-512 VNNI for many tokens. 16 rows of packed weights are transposed in groups of four bytes and then
// unpacked, once for all tokens, into a panel: one vector for every four columns, its 32-bit lane r the four codes of
// row r.
//
//     | row 0: w[c] w[c+1] w[c+2] w[c+3] | row 1: w[c] ... w[c+3] |  ...  | row 15: w[c] ... w[c+3] |   64 bytes
//
// Against four activations of a token in every lane, a lane of the sum is an output feature: no sum across lanes, and
// of what the inner loop executes 24 of 38 instructions multiply. Transposing packed bytes is cheap, since a vector of
// them holds the codes of four panel vectors.
//
// vpdpbusd adds four products of an unsigned byte and a signed one, at most 2^10 in magnitude; a row of
// K <= kMaxTernaryK = 2^19 gives a lane K / 4 = 2^17 of them: 2^27. No saturating form is used.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/int8_dot_avx512vnni.h"
#include "bitnet/kernels/prefetch_x86.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"
#include "bitnet/kernels/ternary_matmul/x86_avx512vnni.h"

namespace bitnet {
namespace {

// Register tile of the gemm: two panels times twelve tokens are 24 sums, 2 weights and 1 activation of 32 registers.
constexpr int kPanelRows = 16;
constexpr int kTilePanels = 2;
constexpr int kTileFeatures = kTilePanels * kPanelRows;
constexpr int kTileTokens = 12;
// Columns of a panel that are unpacked at a time. All of them, for the models there are: both panels stay in the
// second-level cache. Wider matrices keep their sums in y from one piece to the next.
constexpr int64_t kPanelColumns = 8192;

// Rows and columns of a 16 x 16 matrix of 32-bit values change places.
inline void Transpose(__m512i (&v)[16]) {
  __m512i t[16];
  UNROLL
  for (int i = 0; i < 16; i += 4) {
    const __m512i a = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    const __m512i b = _mm512_unpackhi_epi32(v[i], v[i + 1]);
    const __m512i c = _mm512_unpacklo_epi32(v[i + 2], v[i + 3]);
    const __m512i d = _mm512_unpackhi_epi32(v[i + 2], v[i + 3]);
    t[i] = _mm512_unpacklo_epi64(a, c);  // column j of every 128-bit part, rows i to i + 3
    t[i + 1] = _mm512_unpackhi_epi64(a, c);
    t[i + 2] = _mm512_unpacklo_epi64(b, d);
    t[i + 3] = _mm512_unpackhi_epi64(b, d);
  }
  UNROLL
  for (int j = 0; j < 4; ++j) {
    const __m512i a = _mm512_shuffle_i32x4(t[j], t[4 + j], 0x44);
    const __m512i b = _mm512_shuffle_i32x4(t[j], t[4 + j], 0xee);
    const __m512i c = _mm512_shuffle_i32x4(t[8 + j], t[12 + j], 0x44);
    const __m512i d = _mm512_shuffle_i32x4(t[8 + j], t[12 + j], 0xee);
    v[j] = _mm512_shuffle_i32x4(a, c, 0x88);
    v[4 + j] = _mm512_shuffle_i32x4(a, c, 0xdd);
    v[8 + j] = _mm512_shuffle_i32x4(b, d, 0x88);
    v[12 + j] = _mm512_shuffle_i32x4(b, d, 0xdd);
  }
}

// Unpacks `columns` columns (whole blocks) of features [feature, min(feature + 16, end)) into panel[columns * 16]. The
// lanes of features from `end` on repeat the last one.
inline void UnpackPanel(const I2sProduct& p, int64_t feature, int64_t end, int64_t column, int64_t columns,
                        uint8_t* panel) {
  const int64_t row_bytes = p.k / 4;
  const __m512i two_bits = _mm512_set1_epi8(3);
  const uint8_t* row[kPanelRows];
  for (int i = 0; i < kPanelRows; ++i) {
    const int64_t f = feature + i < end ? feature + i : end - 1;
    row[i] = p.packed + f * row_bytes + column / 4;
  }
  for (int64_t at = 0; at < columns / 4; at += kLine) {
    const int blocks = at + kLine <= columns / 4 ? 2 : 1;
    const __mmask16 present = blocks == 2 ? 0xffff : 0x00ff;
    __m512i v[16];
    UNROLL
    for (int i = 0; i < kPanelRows; ++i) {
      v[i] = _mm512_maskz_loadu_epi32(present, row[i] + at);
      PrefetchAt(row[i] + at, kTileFeatures * row_bytes);
    }
    Transpose(v);
    for (int block = 0; block < blocks; ++block, panel += kI2sColumns * kPanelRows) {
      UNROLL
      for (int j = 0; j < 8; ++j) {
        const __m512i x = v[8 * block + j];  // byte b of lane r: weights 4 j + b, + 32, + 64 and + 96 of row r
        uint8_t* out = panel + j * 64;
        _mm512_store_si512(out, _mm512_and_si512(_mm512_srli_epi16(x, 6), two_bits));
        _mm512_store_si512(out + 512, _mm512_and_si512(_mm512_srli_epi16(x, 4), two_bits));
        _mm512_store_si512(out + 1024, _mm512_and_si512(_mm512_srli_epi16(x, 2), two_bits));
        _mm512_store_si512(out + 1536, _mm512_and_si512(x, two_bits));
      }
    }
  }
}

// A piece of the columns, of as many features as a tile has, for all tokens.
struct Panels {
  const uint8_t* code[kTilePanels];  // [columns * 16] each
  int64_t feature;                   // the first
  __mmask16 present[kTilePanels];    // lanes that are features
  int64_t column, columns;
};

// The features of `panels` times kTokens token rows from `token` on.
template <int kTokens>
void GemmTile(const I2sProduct& p, const Panels& panels, int64_t token) {
  const int8_t* q[kTokens];
  Sums sum[kTilePanels][kTokens];
  UNROLL
  for (int t = 0; t < kTokens; ++t) q[t] = p.q + (token + t) * p.k + panels.column;
  UNROLL
  for (int i = 0; i < kTilePanels; ++i) {
    UNROLL
    for (int t = 0; t < kTokens; ++t) {
      sum[i][t] = Sums{};
      if (panels.column > 0) {
        const float* y = p.y + (token + t) * p.m + panels.feature + i * kPanelRows;
        sum[i][t] = reinterpret_cast<Sums>(_mm512_maskz_loadu_epi32(panels.present[i], y));
      }
    }
  }
  const uint8_t* code0 = panels.code[0];
  const uint8_t* code1 = panels.code[1];
  for (int64_t c = 0; c < panels.columns; c += 4) {
    const __m512i x0 = _mm512_load_si512(code0 + c * kPanelRows);
    const __m512i x1 = _mm512_load_si512(code1 + c * kPanelRows);
    UNROLL
    for (int t = 0; t < kTokens; ++t) {
      const __m512i v = BroadcastFour(q[t] + c);
      AddProducts(sum[0][t], x0, v);
      AddProducts(sum[1][t], x1, v);
    }
  }
  const bool last = panels.column + panels.columns == p.k;
  UNROLL
  for (int t = 0; t < kTokens; ++t) {
    const int64_t row = token + t;
    const __m512 scale = _mm512_set1_ps(p.weight_scale / p.act_scale[row]);
    const __m512i act_sum = _mm512_set1_epi32(p.act_sum[row]);
    UNROLL
    for (int i = 0; i < kTilePanels; ++i) {
      float* y = p.y + row * p.m + panels.feature + i * kPanelRows;
      __m512i v = reinterpret_cast<__m512i>(sum[i][t]);
      if (last) {
        v = _mm512_castps_si512(_mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(v, act_sum)), scale));
      }
      _mm512_mask_storeu_epi32(y, panels.present[i], v);
    }
  }
}

// More than kFewTokens tokens in tiles of nearly the same size: none is smaller than 8 tokens.
using GemmTileFn = void (*)(const I2sProduct&, const Panels&, int64_t);
constexpr GemmTileFn kGemmTile[kTileTokens + 1] = {nullptr,      nullptr,      nullptr,     nullptr,     nullptr,
                                                   nullptr,      nullptr,      nullptr,     GemmTile<8>, GemmTile<9>,
                                                   GemmTile<10>, GemmTile<11>, GemmTile<12>};
static_assert(kFewTokens == 16 && kTileTokens == 12);

inline __mmask16 First(int64_t n) {
  return n >= kPanelRows ? 0xffff : static_cast<__mmask16>((1u << (n > 0 ? n : 0)) - 1);
}

}  // namespace

void I2sGemmAvx512Vnni(const I2sProduct& p, int64_t begin, int64_t end) {
  if (p.rows <= kFewTokens) return I2sFewTokensAvx512Vnni(p, begin, end);
  alignas(64) uint8_t code[kTilePanels][kPanelColumns * kPanelRows];
  const int64_t tiles = (p.rows + kTileTokens - 1) / kTileTokens;
  for (int64_t feature = begin; feature < end; feature += kTileFeatures) {
    for (int64_t column = 0; column < p.k; column += kPanelColumns) {
      Panels panels = {.code = {code[0], code[1]}, .feature = feature, .present = {}, .column = column};
      panels.columns = p.k - column < kPanelColumns ? p.k - column : kPanelColumns;
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
        // Tiles of nearly the same size: 25 tokens are 8, 8 and 9 rather than 12, 12 and 1.
        const int64_t token = p.rows * tile / tiles;
        const int64_t next = p.rows * (tile + 1) / tiles;
        kGemmTile[next - token](p, panels, token);
      }
    }
  }
}

}  // namespace bitnet
