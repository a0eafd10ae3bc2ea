// Head screening and its quantizer with AVX2.
//
// vpmaddubsw adds two products of an unsigned byte <= 127 and a signed one >= -127: at most 32258 in magnitude, which
// 16 bits hold. They are widened at once. The dispatcher admits dim <= 2^16: sums within 2^30.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/head/screen_kernels.h"
#include "bitnet/kernels/head/screen_row.h"
#include "bitnet/kernels/prefetch_x86.h"

namespace bitnet {
namespace {

constexpr int kRuns = 8;
constexpr int64_t kPrefetchAhead = 1024;
constexpr int64_t kColumns = 64;  // of each run before the next run's turn

typedef int32_t Sums __attribute__((vector_size(32)));
#define UNROLL _Pragma("GCC unroll 8")

inline __m256i Load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }

inline __m256i BroadcastFour(const uint8_t* x) {
  int32_t four;
  __builtin_memcpy(&four, x, sizeof(four));
  return _mm256_set1_epi32(four);
}

inline Sums Products(__m256i x, __m256i codes) {
  return reinterpret_cast<Sums>(_mm256_madd_epi16(_mm256_maddubs_epi16(x, codes), _mm256_set1_epi16(1)));
}

// Rows 0..7 and 8..15 of a panel, times high and low.
struct PanelSums {
  Sums high[2], low[2];
};

inline void AddColumns(const ScreenToken& token, const int8_t* codes, int64_t begin, int64_t end, PanelSums& total) {
  PanelSums sums = total;
  for (int64_t c = begin; c < end; c += 4) {
    const int8_t* at = codes + c * kScreenPanelRows;
    PrefetchAt(at, kPrefetchAhead);
    const __m256i x_high = BroadcastFour(token.high + c);
    const __m256i x_low = BroadcastFour(token.low + c);
    UNROLL
    for (int half = 0; half < 2; ++half) {
      const __m256i code = Load(at + 32 * half);
      sums.high[half] += Products(x_high, code);
      sums.low[half] += Products(x_low, code);
    }
  }
  total = sums;
}

// Bounds of the four rows from `row` on.
inline void Finish(const ScreenTable& table, const ScreenToken& token, int64_t row, __m128i high, __m128i low) {
  const __m128i sum = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.code_sum + row));
  const __m256d centred = _mm256_cvtepi32_pd(_mm_sub_epi32(high, _mm_slli_epi32(sum, 6)));
  const __m256d dot = _mm256_add_pd(_mm256_mul_pd(centred, _mm256_set1_pd(128)), _mm256_cvtepi32_pd(low));
  const auto load = [row](const float* values) { return _mm256_cvtps_pd(_mm_loadu_ps(values + row)); };
  const __m256d approximate = _mm256_mul_pd(dot, _mm256_mul_pd(_mm256_set1_pd(token.step), load(table.scale)));
  const __m256d error = _mm256_add_pd(_mm256_mul_pd(_mm256_set1_pd(token.rest_factor), load(table.rest)),
                                      _mm256_mul_pd(_mm256_set1_pd(token.norm_factor), load(table.norm)));
  const __m256d magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), approximate);
  const __m256d slack = _mm256_add_pd(_mm256_mul_pd(_mm256_add_pd(magnitude, error), _mm256_set1_pd(kScreenSlack)),
                                      _mm256_set1_pd(kScreenTiny));
  const __m256d bound = _mm256_add_pd(error, slack);
  _mm_storeu_ps(token.lower + row, _mm256_cvtpd_ps(_mm256_sub_pd(approximate, bound)));
  _mm_storeu_ps(token.upper + row, _mm256_cvtpd_ps(_mm256_add_pd(approximate, bound)));
}

// Panels panel + i * apart for i < kCount.
template <int kCount>
void Panels(const ScreenTable& table, const ScreenToken& token, int64_t panel, int64_t apart) {
  const int64_t dim = table.dim;
  const int8_t* codes[kCount];
  PanelSums sums[kCount] = {};
  for (int i = 0; i < kCount; ++i) codes[i] = table.codes + (panel + i * apart) * dim * kScreenPanelRows;
  for (int64_t c = 0; c < dim; c += kColumns) {
    const int64_t end = dim - c < kColumns ? dim : c + kColumns;
    for (int i = 0; i < kCount; ++i) AddColumns(token, codes[i], c, end, sums[i]);
  }
  for (int i = 0; i < kCount; ++i) {
    for (int half = 0; half < 2; ++half) {
      const int64_t row = (panel + i * apart) * kScreenPanelRows + 8 * half;
      const __m256i h = reinterpret_cast<__m256i>(sums[i].high[half]);
      const __m256i l = reinterpret_cast<__m256i>(sums[i].low[half]);
      Finish(table, token, row, _mm256_castsi256_si128(h), _mm256_castsi256_si128(l));
      Finish(table, token, row + 4, _mm256_extracti128_si256(h, 1), _mm256_extracti128_si256(l, 1));
    }
  }
}

inline __m256 LoadF16(const F16* at) { return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))); }

inline float Largest(const F16* values, int64_t dim) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  __m256 largest = _mm256_setzero_ps();
  for (int64_t i = 0; i < dim; i += 8) largest = _mm256_max_ps(largest, _mm256_andnot_ps(sign, LoadF16(values + i)));
  __m128 m = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
  m = _mm_max_ps(m, _mm_movehl_ps(m, m));
  return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

// Steps 16, 8, 4, 2, 1 of the CA-1 tree.
inline float ReduceLanes(const __m256 (&lanes)[4]) {
  const __m256 eight = _mm256_add_ps(_mm256_add_ps(lanes[0], lanes[2]), _mm256_add_ps(lanes[1], lanes[3]));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

inline int32_t SumLanes(__m256i v) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  return _mm_cvtsi128_si32(s);
}

void OneRow(const QuantizePanelArgs& args, int64_t row) {
  const F16* values = args.rows + row * args.dim;
  const ScreenScale scale = ScreenScaleOf(Largest(values, args.dim));
  const __m256 inverse = _mm256_set1_ps(scale.inverse);
  const __m256 step = _mm256_set1_ps(scale.scale);
  __m256 rests[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  __m256i sum = _mm256_setzero_si256();
  __m256i squares = _mm256_setzero_si256();  // of a lane: dim / 8 of at most 127^2
  for (int64_t i = 0; i < args.dim; i += 32) {
    __m256i code[4];
    UNROLL
    for (int j = 0; j < 4; ++j) {
      const __m256 value = LoadF16(values + i + 8 * j);
      code[j] = _mm256_cvtps_epi32(_mm256_mul_ps(value, inverse));
      const __m256 rest = _mm256_fnmadd_ps(step, _mm256_cvtepi32_ps(code[j]), value);
      rests[j] = _mm256_fmadd_ps(rest, rest, rests[j]);
      sum = _mm256_add_epi32(sum, code[j]);
      squares = _mm256_add_epi32(squares, _mm256_mullo_epi32(code[j], code[j]));
    }
    // Packing works in each half of a register: dwords 0 4 1 5 2 6 3 7 of the 32 codes.
    const __m256i packed =
        _mm256_packs_epi16(_mm256_packs_epi32(code[0], code[1]), _mm256_packs_epi32(code[2], code[3]));
    alignas(32) int32_t fours[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(fours),
                       _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
    int8_t* out = args.codes + i / 4 * 64 + row * 4;
    UNROLL
    for (int j = 0; j < 8; ++j) __builtin_memcpy(out + j * 64, &fours[j], sizeof(int32_t));
  }
  const __m128i low = _mm256_castsi256_si128(squares);
  const __m128i high = _mm256_extracti128_si256(squares, 1);
  const __m256i wide = _mm256_add_epi64(_mm256_cvtepu32_epi64(low), _mm256_cvtepu32_epi64(high));
  alignas(32) int64_t parts[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(parts), wide);
  StoreScreenRow(args, row, scale.scale, ReduceLanes(rests), SumLanes(sum), parts[0] + parts[1] + parts[2] + parts[3]);
}

}  // namespace

// What one token read of a table is in the second-level cache for the next.
void HeadI8Avx2(const ScreenArgs& args, int64_t begin, int64_t end) {
  const int64_t run = (end - begin) / kRuns;
  for (int64_t i = 0; i < run; ++i) {
    for (int64_t t = 0; t < args.rows; ++t) Panels<kRuns>(args.table, args.tokens[t], begin + i, run);
  }
  for (int64_t panel = begin + kRuns * run; panel < end; ++panel) {
    for (int64_t t = 0; t < args.rows; ++t) Panels<1>(args.table, args.tokens[t], panel, 0);
  }
}

void QuantizePanelAvx2(const QuantizePanelArgs& args) {
  for (int64_t row = 0; row < args.count; ++row) OneRow(args, row);
}

}  // namespace bitnet
