// Logits projection with AVX2, FMA and F16C: the 32 virtual lanes of CA-1 are four registers.
//
// One core reaches the memory's bandwidth only with several sequential streams in flight, so a worker's part of the
// table is cut into four runs that advance together, each prefetched ahead. A table row is read from memory once:
// with many token rows a tile of 32 table rows stays in L2 while pairs of token rows pass over it.

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

// Elements past the last whole group of 32, one at a time: every lane but theirs keeps its bits.
void AddTail(const LogitsProjectionArgs& args, const F16* table, const float* h, float (&lanes)[32]) {
  const int64_t whole = args.dim / 32 * 32;
  for (int64_t i = whole; i < args.dim; ++i) {
    const float t = _cvtsh_ss(table[i]);
    lanes[i - whole] = __builtin_fmaf(h[i], t, lanes[i - whole]);
  }
}

// Steps 16, 8, 4, 2, 1 of the CA-1 tree.
inline float ReduceLanes(const __m256 (&lanes)[4]) {
  const __m256 eight = _mm256_add_ps(_mm256_add_ps(lanes[0], lanes[2]), _mm256_add_ps(lanes[1], lanes[3]));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

// Logits of table rows entry[0..kEntries) for token rows [row, row + kRows). Eight accumulators at most.
template <int kRows, int kEntries>
void Dots(const LogitsProjectionArgs& args, int64_t row, const int64_t* entry) {
  const int64_t dim = args.dim, whole = dim / 32 * 32;
  const F16* table[kEntries];
  for (int e = 0; e < kEntries; ++e) table[e] = args.table + entry[e] * dim;
  const float* h = args.h + row * dim;
  __m256 lanes[kRows][kEntries][4];
  for (int r = 0; r < kRows; ++r) {
    for (int e = 0; e < kEntries; ++e) {
      for (int j = 0; j < 4; ++j) lanes[r][e][j] = _mm256_setzero_ps();
    }
  }
  for (int64_t i = 0; i < whole; i += 32) {
    for (int e = 0; e < kEntries; ++e) {
      PrefetchAt(table[e] + i, kPrefetchAhead);
      for (int j = 0; j < 4; ++j) {
        const int64_t at = i + 8 * j;
        const __m256 t = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table[e] + at)));
        for (int r = 0; r < kRows; ++r) {
          lanes[r][e][j] = _mm256_fmadd_ps(_mm256_loadu_ps(h + r * dim + at), t, lanes[r][e][j]);
        }
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int e = 0; e < kEntries; ++e) {
      __m256(&sums)[4] = lanes[r][e];
      if (whole < dim) {
        float stored[32];
        for (int j = 0; j < 4; ++j) _mm256_storeu_ps(stored + 8 * j, sums[j]);
        AddTail(args, table[e], h + r * dim, stored);
        for (int j = 0; j < 4; ++j) sums[j] = _mm256_loadu_ps(stored + 8 * j);
      }
      args.logits[(row + r) * args.vocab + entry[e]] = ReduceLanes(sums);
    }
  }
}

// One table row of each run, for one token row or two.
void LockStep(const LogitsProjectionArgs& args, int64_t row, bool pair, const int64_t (&entry)[kRuns]) {
  if (pair) {
    for (const int64_t& e : entry) Dots<2, 1>(args, row, &e);
  } else {
    Dots<1, 2>(args, row, entry);
    Dots<1, 2>(args, row, entry + 2);
  }
}

}  // namespace

void HeadF16Avx2(const LogitsProjectionArgs& args, int64_t begin, int64_t end) {
  const int64_t run = (end - begin) / kRuns;
  for (int64_t tile = 0; tile < run; tile += kTileRows) {
    const int64_t tile_end = Min(run, tile + kTileRows);
    for (int64_t row = 0; row < args.rows; row += 2) {
      for (int64_t i = tile; i < tile_end; ++i) {
        const int64_t entry[kRuns] = {begin + i, begin + run + i, begin + 2 * run + i, begin + 3 * run + i};
        LockStep(args, row, args.rows - row >= 2, entry);
      }
    }
  }
  for (int64_t v = begin + kRuns * run; v < end; ++v) {
    for (int64_t row = 0; row < args.rows; ++row) Dots<1, 1>(args, row, &v);
  }
}

}  // namespace bitnet
