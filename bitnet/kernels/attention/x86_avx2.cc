// Attention with AVX2, FMA and F16C: the 32 virtual lanes of CA-1 are four registers, two queries share every
// converted key and value, and eight dot products are reduced together by a transposing tree.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/attention/attention_kernels.h"
#include "bitnet/kernels/ca1_exp_avx2.h"
#include "bitnet/kernels/prefetch_x86.h"

namespace bitnet {
namespace {

constexpr int64_t kBlock = 256;  // ca1::kAttentionBlock

inline int64_t Min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t Max(int64_t a, int64_t b) { return a > b ? a : b; }

inline __m256 LoadHalves(const F16* p) { return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }

// All bits set in the lanes below `n`.
inline __m256i First(int64_t n) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n < 8 ? n : 8)), lane);
}

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

// Eight dot products, each as 8 partial lanes, to their sums: the 4, 2, 1 steps of the CA-1 tree. Result o is the sum
// of part[(o % 4) * 2 + o / 4].
inline __m256 ReduceEight(const __m256 (&part)[8]) {
  __m256 four[4], two[2];
  for (int i = 0; i < 4; ++i) {
    const __m256 a = part[2 * i], b = part[2 * i + 1];
    four[i] = _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
  }
  for (int i = 0; i < 2; ++i) {
    const __m256 a = four[2 * i], b = four[2 * i + 1];
    two[i] = _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x44), _mm256_shuffle_ps(a, b, 0xee));
  }
  return _mm256_add_ps(_mm256_shuffle_ps(two[0], two[1], 0x88), _mm256_shuffle_ps(two[0], two[1], 0xdd));
}

inline void StoreScores(Tile<2>& tile, int64_t t, __m256 scores) {
  _mm_storeu_ps(tile.p[0] + t, _mm256_castps256_ps128(scores));
  _mm_storeu_ps(tile.p[1] + t, _mm256_extractf128_ps(scores, 1));
}

inline void StoreScores(Tile<1>& tile, int64_t t, __m256 scores) { _mm256_storeu_ps(tile.p[0] + t, scores); }

// Scores of every query for every key that any of them sees; those past a query's own keys are never read.
template <int kQueries>
void Scores(const F16* k, int64_t dim, Tile<kQueries>& tile) {
  constexpr int kKeys = 8 / kQueries;
  const float root = _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(static_cast<float>(dim))));
  const __m256 scale = _mm256_set1_ps(1.0f / root);
  for (int64_t t = 0; t < tile.most_keys; t += kKeys) {
    __m256 part[8];
#pragma GCC unroll 8
    for (int key = 0; key < kKeys; ++key) {
      // Past the end the last key is computed again.
      const F16* row = k + Min(t + key, tile.most_keys - 1) * dim;
      __m256 lanes[kQueries][4];
      for (int i = 0; i < kQueries; ++i) {
        for (int j = 0; j < 4; ++j) lanes[i][j] = _mm256_setzero_ps();
      }
      for (int64_t d = 0; d < dim; d += 32) {
        PrefetchStream(row + d);
        for (int j = 0; j < 4; ++j) {
          const __m256 k_part = LoadHalves(row + d + 8 * j);
          for (int i = 0; i < kQueries; ++i) {
            lanes[i][j] = _mm256_fmadd_ps(_mm256_loadu_ps(tile.q[i] + d + 8 * j), k_part, lanes[i][j]);
          }
        }
      }
      for (int i = 0; i < kQueries; ++i) {
        const int result = i * kKeys + key;
        part[result % 4 * 2 + result / 4] =
            _mm256_add_ps(_mm256_add_ps(lanes[i][0], lanes[i][2]), _mm256_add_ps(lanes[i][1], lanes[i][3]));
      }
    }
    StoreScores(tile, t, _mm256_mul_ps(ReduceEight(part), scale));
  }
}

float MaxOf(const float* x, int64_t n) {
  const __m256 lowest = _mm256_set1_ps(-__builtin_inff());
  __m256 max = lowest;
  for (int64_t i = 0; i < n; i += 8) {
    const __m256i mask = First(n - i);
    max = _mm256_max_ps(max, _mm256_blendv_ps(lowest, _mm256_maskload_ps(x + i, mask), _mm256_castsi256_ps(mask)));
  }
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(max), _mm256_extractf128_ps(max, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

// Scores of one block to probabilities, in place; returns their sum over 32 lanes.
float ExpBlock(float* p, int64_t n, float max) {
  const __m256 shift = _mm256_set1_ps(max);
  __m256 lanes[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  for (int64_t i = 0; i < n; i += 32) {
    for (int j = 0; j < 4; ++j) {
      float* at = p + i + 8 * j;
      const __m256i mask = First(n - i - 8 * j);
      // Every lane sum is +0 or more, so adding +0 for the missing elements keeps its bits.
      const __m256 e =
          _mm256_and_ps(_mm256_castsi256_ps(mask), Exp(_mm256_sub_ps(_mm256_maskload_ps(at, mask), shift)));
      _mm256_maskstore_ps(at, mask, e);
      lanes[j] = _mm256_add_ps(lanes[j], e);
    }
  }
  const __m256 eight = _mm256_add_ps(_mm256_add_ps(lanes[0], lanes[2]), _mm256_add_ps(lanes[1], lanes[3]));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

// Adds p * v of block [start, start + 256) to acc, for head dims [d, d + 32).
template <int kQueries>
void BlockValues(const F16* v, int64_t dim, int64_t d, int64_t start, Tile<kQueries>& tile) {
  int64_t end[kQueries];
  int64_t common = start + kBlock;  // keys of this block that every query sees end here
  for (int i = 0; i < kQueries; ++i) {
    end[i] = Min(start + kBlock, tile.keys[i]);
    common = Min(common, end[i]);
  }
  __m256 acc[kQueries][4];
  for (int i = 0; i < kQueries; ++i) {
    for (int j = 0; j < 4; ++j) acc[i][j] = _mm256_setzero_ps();
  }
  for (int64_t t = start; t < common; ++t) {
    __m256 p[kQueries];
    for (int i = 0; i < kQueries; ++i) p[i] = _mm256_set1_ps(tile.p[i][t]);
    PrefetchStream(v + t * dim + d);
    for (int j = 0; j < 4; ++j) {
      const __m256 value = LoadHalves(v + t * dim + d + 8 * j);
      for (int i = 0; i < kQueries; ++i) acc[i][j] = _mm256_fmadd_ps(p[i], value, acc[i][j]);
    }
  }
#pragma GCC unroll 2
  for (int i = 0; i < kQueries; ++i) {
    if (end[i] <= start) continue;
    for (int64_t t = Max(start, common); t < end[i]; ++t) {
      const __m256 p = _mm256_set1_ps(tile.p[i][t]);
      for (int j = 0; j < 4; ++j) {
        acc[i][j] = _mm256_fmadd_ps(p, LoadHalves(v + t * dim + d + 8 * j), acc[i][j]);
      }
    }
    for (int j = 0; j < 4; ++j) {
      float* to = tile.acc[i] + d + 8 * j;
      _mm256_storeu_ps(to, start == 0 ? acc[i][j] : _mm256_add_ps(_mm256_loadu_ps(to), acc[i][j]));
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
    for (int64_t d = 0; d < dim; d += 32) BlockValues<kQueries>(v, dim, d, start, tile);
  }
  for (int i = 0; i < kQueries; ++i) {
    const __m256 sum = _mm256_set1_ps(tile.sum[i]);
    for (int64_t d = 0; d < dim; d += 8) {
      _mm256_storeu_ps(tile.out[i] + d, _mm256_div_ps(_mm256_loadu_ps(tile.acc[i] + d), sum));
    }
  }
}

void ConvertRow(const float* from, int64_t n, F16* to) {
  for (int64_t d = 0; d < n; d += 8) {
    const __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(from + d), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + d), halves);
  }
}

}  // namespace

void AppendF16kvAvx2(const AttentionArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t kv_head = 0; kv_head < args.kv_heads; ++kv_head) {
      const int64_t from = (row * args.kv_heads + kv_head) * args.head_dim;
      const int64_t to = (kv_head * args.capacity + args.first_position + row) * args.head_dim;
      ConvertRow(args.k_new + from, args.head_dim, args.k_cache + to);
      ConvertRow(args.v_new + from, args.head_dim, args.v_cache + to);
    }
  }
}

void AttentionF16kvAvx2(const AttentionArgs& args, float* scores, int64_t begin, int64_t end) {
  const int64_t per_kv_head = args.heads / args.kv_heads * args.rows;
  for (int64_t index = begin; index < end;) {
    if (Min(end, (index / per_kv_head + 1) * per_kv_head) - index >= 2) {
      AttendTile<2>(args, scores, index);
      index += 2;
    } else {
      AttendTile<1>(args, scores, index);
      index += 1;
    }
  }
}

}  // namespace bitnet
