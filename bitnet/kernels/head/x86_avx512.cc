// Logits projection with AVX-512: the 32 virtual lanes of CA-1 are two registers.
//
// One core reaches the memory's bandwidth only with several sequential streams in flight, so a worker's part of the
// table is cut into four runs that advance in lockstep, each prefetched ahead. A table row is read from memory once:
// with many token rows a tile of 32 table rows stays in L2 while blocks of three token rows pass over it.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/head/head_kernels.h"
#include "bitnet/kernels/prefetch_x86.h"

namespace bitnet {
namespace {

constexpr int kRuns = 4;
constexpr int64_t kTileRows = 8;  // of each run: 32 table rows are 160 KiB at dim 2560
// Bytes that each run is prefetched ahead: four runs of 2 KiB cover a latency of 100 ns at 80 GB/s.
constexpr int64_t kPrefetchAhead = 2048;

inline int64_t Min(int64_t a, int64_t b) { return a < b ? a : b; }

inline __mmask16 First(int64_t n) { return n >= 16 ? 0xffff : static_cast<__mmask16>((1u << (n > 0 ? n : 0)) - 1); }

// Steps 16, 8, 4, 2, 1 of the CA-1 tree.
inline float ReduceLanes(__m512 low, __m512 high) {
  const __m512 sixteen = _mm512_add_ps(low, high);
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(sixteen), _mm512_extractf32x8_ps(sixteen, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

// Logits of table rows entry[0..kEntries) for token rows [row, row + kRows).
template <int kRows, int kEntries>
void Dots(const LogitsProjectionArgs& args, int64_t row, const int64_t* entry) {
  const int64_t dim = args.dim, whole = dim / 32 * 32;
  const F16* table[kEntries];
  for (int e = 0; e < kEntries; ++e) table[e] = args.table + entry[e] * dim;
  const float* h = args.h + row * dim;
  __m512 low[kRows][kEntries], high[kRows][kEntries];
  for (int r = 0; r < kRows; ++r) {
    for (int e = 0; e < kEntries; ++e) low[r][e] = high[r][e] = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < whole; i += 32) {
    for (int e = 0; e < kEntries; ++e) {
      const F16* at = table[e] + i;
      PrefetchAt(at, kPrefetchAhead);
      const __m512 t_low = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
      const __m512 t_high = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 16)));
      for (int r = 0; r < kRows; ++r) {
        low[r][e] = _mm512_fmadd_ps(_mm512_loadu_ps(h + r * dim + i), t_low, low[r][e]);
        high[r][e] = _mm512_fmadd_ps(_mm512_loadu_ps(h + r * dim + i + 16), t_high, high[r][e]);
      }
    }
  }
  if (whole < dim) {
    const __mmask16 m_low = First(dim - whole), m_high = First(dim - whole - 16);
    for (int e = 0; e < kEntries; ++e) {
      const F16* at = table[e] + whole;
      const __m512 t_low = _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(m_low, at));
      const __m512 t_high = _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(m_high, at + 16));
      for (int r = 0; r < kRows; ++r) {
        const float* x = h + r * dim + whole;
        low[r][e] = _mm512_mask3_fmadd_ps(_mm512_maskz_loadu_ps(m_low, x), t_low, low[r][e], m_low);
        high[r][e] = _mm512_mask3_fmadd_ps(_mm512_maskz_loadu_ps(m_high, x + 16), t_high, high[r][e], m_high);
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int e = 0; e < kEntries; ++e) {
      args.logits[(row + r) * args.vocab + entry[e]] = ReduceLanes(low[r][e], high[r][e]);
    }
  }
}

// Token rows of the next block when `left` are to do. Three by four runs are 24 accumulators: more would leave too few
// registers for the table, fewer make more loads per product. The end is cut so that no block of one is needed.
inline int64_t TokenBlock(int64_t left) { return left == 4 ? 2 : Min(left, 3); }

// One table row of each run, for token rows [row, row + count).
void LockStep(const LogitsProjectionArgs& args, int64_t row, int64_t count, const int64_t (&entry)[kRuns]) {
  switch (count) {
    case 1:
      return Dots<1, kRuns>(args, row, entry);
    case 2:
      return Dots<2, kRuns>(args, row, entry);
    default:
      return Dots<3, kRuns>(args, row, entry);
  }
}

}  // namespace

void HeadF16Avx512(const LogitsProjectionArgs& args, int64_t begin, int64_t end) {
  const int64_t run = (end - begin) / kRuns;
  for (int64_t tile = 0; tile < run; tile += kTileRows) {
    const int64_t tile_end = Min(run, tile + kTileRows);
    for (int64_t row = 0, block; row < args.rows; row += block) {
      block = TokenBlock(args.rows - row);
      for (int64_t i = tile; i < tile_end; ++i) {
        const int64_t entry[kRuns] = {begin + i, begin + run + i, begin + 2 * run + i, begin + 3 * run + i};
        LockStep(args, row, block, entry);
      }
    }
  }
  for (int64_t v = begin + kRuns * run; v < end; ++v) {
    for (int64_t row = 0; row < args.rows; ++row) Dots<1, 1>(args, row, &v);
  }
}

}  // namespace bitnet
