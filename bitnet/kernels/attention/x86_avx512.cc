// Attention with AVX-512: the 32 virtual lanes of CA-1 are two registers, four queries share every converted key and
// value, and sixteen dot products are reduced together by a transposing tree.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/attention/attention_kernels.h"
#include "bitnet/kernels/ca1_exp_avx512.h"
#include "bitnet/kernels/prefetch_x86.h"

namespace bitnet {
namespace {

constexpr int64_t kBlock = 256;  // ca1::kAttentionBlock

inline int64_t Min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t Max(int64_t a, int64_t b) { return a > b ? a : b; }

inline __m512 LoadHalves(const F16* p) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}

// All bits below `n`, for 0 <= n; 16 or more give every lane.
inline __mmask16 First(int64_t n) { return n >= 16 ? 0xffff : static_cast<__mmask16>((1u << (n > 0 ? n : 0)) - 1); }

// The queries that are worked on together. All of one kv head.
template <int kQueries>
struct Tile {
  const float* q[kQueries];
  float* p[kQueries];  // scores, then probabilities
  float* out[kQueries];
  int64_t keys[kQueries];  // visible keys
  int64_t most_keys;
  float sum[kQueries];
  float acc[kQueries][kMaxHeadDim];
};

// Sixteen dot products, each as 16 partial lanes, to their sums: the 8, 4, 2, 1 steps of the CA-1 tree. Result o is
// the sum of part[(o % 4) * 4 + o / 4].
inline __m512 ReduceSixteen(const __m512 (&part)[16]) {
  __m512 eight[8], four[4], two[2];
  for (int i = 0; i < 8; ++i) {
    const __m512 a = part[2 * i], b = part[2 * i + 1];
    eight[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
  }
  for (int i = 0; i < 4; ++i) {
    const __m512 a = eight[2 * i], b = eight[2 * i + 1];
    four[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
  }
  for (int i = 0; i < 2; ++i) {
    const __m512 a = four[2 * i], b = four[2 * i + 1];
    two[i] = _mm512_add_ps(_mm512_shuffle_ps(a, b, 0x44), _mm512_shuffle_ps(a, b, 0xee));
  }
  return _mm512_add_ps(_mm512_shuffle_ps(two[0], two[1], 0x88), _mm512_shuffle_ps(two[0], two[1], 0xdd));
}

inline void StoreScores(Tile<4>& tile, int64_t t, __m512 scores) {
  _mm_storeu_ps(tile.p[0] + t, _mm512_castps512_ps128(scores));
  _mm_storeu_ps(tile.p[1] + t, _mm512_extractf32x4_ps(scores, 1));
  _mm_storeu_ps(tile.p[2] + t, _mm512_extractf32x4_ps(scores, 2));
  _mm_storeu_ps(tile.p[3] + t, _mm512_extractf32x4_ps(scores, 3));
}

inline void StoreScores(Tile<2>& tile, int64_t t, __m512 scores) {
  _mm256_storeu_ps(tile.p[0] + t, _mm512_castps512_ps256(scores));
  _mm256_storeu_ps(tile.p[1] + t, _mm512_extractf32x8_ps(scores, 1));
}

inline void StoreScores(Tile<1>& tile, int64_t t, __m512 scores) { _mm512_storeu_ps(tile.p[0] + t, scores); }

// Scores of every query for every key that any of them sees; those past a query's own keys are never read.
template <int kQueries>
void Scores(const F16* k, int64_t dim, Tile<kQueries>& tile) {
  constexpr int kKeys = 16 / kQueries;
  const float root = _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(static_cast<float>(dim))));
  const __m512 scale = _mm512_set1_ps(1.0f / root);
  for (int64_t t = 0; t < tile.most_keys; t += kKeys) {
    __m512 part[16];
#pragma GCC unroll 16
    for (int key = 0; key < kKeys; ++key) {
      // Past the end the last key is computed again.
      const F16* row = k + Min(t + key, tile.most_keys - 1) * dim;
      __m512 low[kQueries], high[kQueries];
      for (int i = 0; i < kQueries; ++i) low[i] = high[i] = _mm512_setzero_ps();
      for (int64_t d = 0; d < dim; d += 32) {
        PrefetchStream(row + d);
        const __m512 k_low = LoadHalves(row + d), k_high = LoadHalves(row + d + 16);
        for (int i = 0; i < kQueries; ++i) {
          low[i] = _mm512_fmadd_ps(_mm512_loadu_ps(tile.q[i] + d), k_low, low[i]);
          high[i] = _mm512_fmadd_ps(_mm512_loadu_ps(tile.q[i] + d + 16), k_high, high[i]);
        }
      }
      for (int i = 0; i < kQueries; ++i) {
        const int result = i * kKeys + key;
        part[result % 4 * 4 + result / 4] = _mm512_add_ps(low[i], high[i]);
      }
    }
    StoreScores(tile, t, _mm512_mul_ps(ReduceSixteen(part), scale));
  }
}

float MaxOf(const float* x, int64_t n) {
  const __m512 lowest = _mm512_set1_ps(-__builtin_inff());
  __m512 max = lowest;
  for (int64_t i = 0; i < n; i += 16) {
    max = _mm512_max_ps(max, _mm512_mask_loadu_ps(lowest, First(n - i), x + i));
  }
  return _mm512_reduce_max_ps(max);
}

// Scores of one block to probabilities, in place; returns their sum over 32 lanes.
float ExpBlock(float* p, int64_t n, float max) {
  const __m512 shift = _mm512_set1_ps(max);
  __m512 lanes[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  for (int64_t i = 0; i < n; i += 32) {
    for (int half = 0; half < 2; ++half) {
      float* at = p + i + half * 16;
      const __mmask16 mask = First(n - i - half * 16);
      // Every lane sum is +0 or more, so adding +0 for the missing elements keeps its bits.
      const __m512 e = _mm512_maskz_mov_ps(mask, Exp(_mm512_sub_ps(_mm512_maskz_loadu_ps(mask, at), shift)));
      _mm512_mask_storeu_ps(at, mask, e);
      lanes[half] = _mm512_add_ps(lanes[half], e);
    }
  }
  const __m512 sixteen = _mm512_add_ps(lanes[0], lanes[1]);
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(sixteen), _mm512_extractf32x8_ps(sixteen, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

// Adds p * v of block [start, start + 256) to acc, for head dims [d, d + 16 * kVectors).
template <int kQueries, int kVectors>
void BlockValues(const F16* v, int64_t dim, int64_t d, int64_t start, Tile<kQueries>& tile) {
  int64_t end[kQueries];
  int64_t common = start + kBlock;  // keys of this block that every query sees end here
  for (int i = 0; i < kQueries; ++i) {
    end[i] = Min(start + kBlock, tile.keys[i]);
    common = Min(common, end[i]);
  }
  __m512 acc[kQueries][kVectors];
  for (int i = 0; i < kQueries; ++i) {
    for (int j = 0; j < kVectors; ++j) acc[i][j] = _mm512_setzero_ps();
  }
  for (int64_t t = start; t < common; ++t) {
    __m512 value[kVectors];
    for (int j = 0; j < kVectors; j += 2) PrefetchStream(v + t * dim + d + 16 * j);
    for (int j = 0; j < kVectors; ++j) value[j] = LoadHalves(v + t * dim + d + 16 * j);
    for (int i = 0; i < kQueries; ++i) {
      const __m512 p = _mm512_set1_ps(tile.p[i][t]);
      for (int j = 0; j < kVectors; ++j) acc[i][j] = _mm512_fmadd_ps(p, value[j], acc[i][j]);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < kQueries; ++i) {
    if (end[i] <= start) continue;
    for (int64_t t = Max(start, common); t < end[i]; ++t) {
      const __m512 p = _mm512_set1_ps(tile.p[i][t]);
      for (int j = 0; j < kVectors; ++j) {
        acc[i][j] = _mm512_fmadd_ps(p, LoadHalves(v + t * dim + d + 16 * j), acc[i][j]);
      }
    }
    for (int j = 0; j < kVectors; ++j) {
      float* to = tile.acc[i] + d + 16 * j;
      _mm512_storeu_ps(to, start == 0 ? acc[i][j] : _mm512_add_ps(_mm512_loadu_ps(to), acc[i][j]));
    }
  }
}

template <int kQueries>
void AttendTile(const AttentionArgs& args, float* scores, int64_t index) {
  Tile<kQueries> tile;
  const int64_t dim = args.head_dim;
  const int64_t kv_head = index / (args.heads / args.kv_heads * args.rows);
  const F16* k = args.k_cache + kv_head * args.capacity * dim;
  const F16* v = args.v_cache + kv_head * args.capacity * dim;
  tile.most_keys = 0;
  for (int i = 0; i < kQueries; ++i) {
    const int64_t head = (index + i) / args.rows, row = (index + i) % args.rows;
    tile.q[i] = args.q + (row * args.heads + head) * dim;
    tile.out[i] = args.out + (row * args.heads + head) * dim;
    tile.p[i] = scores + i * ScoreStride(args.capacity);
    tile.keys[i] = args.first_position + row + 1;
    tile.most_keys = Max(tile.most_keys, tile.keys[i]);
  }
  Scores(k, dim, tile);
  float max[kQueries];
  for (int i = 0; i < kQueries; ++i) max[i] = MaxOf(tile.p[i], tile.keys[i]);
  for (int64_t start = 0; start < tile.most_keys; start += kBlock) {
    for (int i = 0; i < kQueries; ++i) {
      if (start >= tile.keys[i]) continue;
      const float sum = ExpBlock(tile.p[i] + start, Min(kBlock, tile.keys[i] - start), max[i]);
      tile.sum[i] = start == 0 ? sum : tile.sum[i] + sum;
    }
    int64_t d = 0;
    for (; d + 64 <= dim; d += 64) BlockValues<kQueries, 4>(v, dim, d, start, tile);
    if (d < dim) BlockValues<kQueries, 2>(v, dim, d, start, tile);
  }
  for (int i = 0; i < kQueries; ++i) {
    const __m512 sum = _mm512_set1_ps(tile.sum[i]);
    for (int64_t d = 0; d < dim; d += 16) {
      _mm512_storeu_ps(tile.out[i] + d, _mm512_div_ps(_mm512_loadu_ps(tile.acc[i] + d), sum));
    }
  }
}

void ConvertRow(const float* from, int64_t n, F16* to) {
  for (int64_t d = 0; d < n; d += 16) {
    const __m256i halves = _mm512_cvtps_ph(_mm512_loadu_ps(from + d), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + d), halves);
  }
}

}  // namespace

void AppendF16kvAvx512(const AttentionArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t kv_head = 0; kv_head < args.kv_heads; ++kv_head) {
      const int64_t from = (row * args.kv_heads + kv_head) * args.head_dim;
      const int64_t to = (kv_head * args.capacity + args.first_position + row) * args.head_dim;
      ConvertRow(args.k_new + from, args.head_dim, args.k_cache + to);
      ConvertRow(args.v_new + from, args.head_dim, args.v_cache + to);
    }
  }
}

void AttentionF16kvAvx512(const AttentionArgs& args, float* scores, int64_t begin, int64_t end) {
  const int64_t per_kv_head = args.heads / args.kv_heads * args.rows;
  for (int64_t index = begin; index < end;) {
    const int64_t count = Min(end, (index / per_kv_head + 1) * per_kv_head) - index;
    if (count >= 4) {
      AttendTile<4>(args, scores, index);
      index += 4;
    } else if (count >= 2) {
      AttendTile<2>(args, scores, index);
      index += 2;
    } else {
      AttendTile<1>(args, scores, index);
      index += 1;
    }
  }
}

}  // namespace bitnet
