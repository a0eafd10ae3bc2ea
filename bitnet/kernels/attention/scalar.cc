// Portable attention. Works on a tile of queries so that each key and value is converted from f16 once for all.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "bitnet/base/ca1.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/attention/attention_kernels.h"

namespace bitnet {
namespace {

// One query of a tile.
struct Query {
  const float* q;  // [head_dim]
  int64_t keys;    // visible keys
  float* p;        // [keys] scores, then probabilities
  float* out;      // [head_dim]
  float sum;
  float acc[kMaxHeadDim];
};

void ConvertRow(const F16* from, int64_t n, float* to) {
  for (int64_t d = 0; d < n; ++d) to[d] = F16ToF32(from[d]);
}

void Scores(const AttentionArgs& args, const F16* k, std::span<Query> tile, int64_t most_keys) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(args.head_dim));
  const size_t dim = args.head_dim;
  float key[kMaxHeadDim];
  for (int64_t t = 0; t < most_keys; ++t) {
    ConvertRow(k + t * args.head_dim, args.head_dim, key);
    for (Query& query : tile) {
      if (t < query.keys) query.p[t] = ca1::Dot({query.q, dim}, {key, dim}) * scale;
    }
  }
}

// Probabilities of one block and their sum, added to the sums of the blocks before it.
void BlockSums(std::span<Query> tile, int64_t start, int64_t end) {
  for (Query& query : tile) {
    if (start >= query.keys) continue;
    const int64_t last = std::min(end, query.keys);
    const float sum = ca1::Sum({query.p + start, static_cast<size_t>(last - start)});
    query.sum = start == 0 ? sum : query.sum + sum;
  }
}

void BlockValues(const AttentionArgs& args, const F16* v, std::span<Query> tile, int64_t start, int64_t end) {
  float block[kQueryTile][kMaxHeadDim] = {};
  float value[kMaxHeadDim];
  for (int64_t t = start; t < end; ++t) {
    ConvertRow(v + t * args.head_dim, args.head_dim, value);
    for (size_t i = 0; i < tile.size(); ++i) {
      if (t >= tile[i].keys) continue;
      for (int64_t d = 0; d < args.head_dim; ++d) block[i][d] = std::fma(tile[i].p[t], value[d], block[i][d]);
    }
  }
  for (size_t i = 0; i < tile.size(); ++i) {
    if (start >= tile[i].keys) continue;
    for (int64_t d = 0; d < args.head_dim; ++d) {
      tile[i].acc[d] = start == 0 ? block[i][d] : tile[i].acc[d] + block[i][d];
    }
  }
}

void AttendTile(const AttentionArgs& args, int64_t kv_head, std::span<Query> tile) {
  const F16* k = args.k_cache + kv_head * args.capacity * args.head_dim;
  const F16* v = args.v_cache + kv_head * args.capacity * args.head_dim;
  int64_t most_keys = 0;
  for (const Query& query : tile) most_keys = std::max(most_keys, query.keys);
  Scores(args, k, tile, most_keys);
  for (Query& query : tile) {
    const float max = *std::max_element(query.p, query.p + query.keys);
    for (int64_t t = 0; t < query.keys; ++t) query.p[t] = ca1::Exp(query.p[t] - max);
  }
  for (int64_t start = 0; start < most_keys; start += ca1::kAttentionBlock) {
    const int64_t end = std::min<int64_t>(most_keys, start + ca1::kAttentionBlock);
    BlockSums(tile, start, end);
    BlockValues(args, v, tile, start, end);
  }
  for (const Query& query : tile) {
    for (int64_t d = 0; d < args.head_dim; ++d) query.out[d] = query.acc[d] / query.sum;
  }
}

}  // namespace

void AppendF16kvScalar(const AttentionArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t kv_head = 0; kv_head < args.kv_heads; ++kv_head) {
      const int64_t from = (row * args.kv_heads + kv_head) * args.head_dim;
      const int64_t to = (kv_head * args.capacity + args.first_position + row) * args.head_dim;
      for (int64_t d = 0; d < args.head_dim; ++d) {
        args.k_cache[to + d] = F32ToF16(args.k_new[from + d]);
        args.v_cache[to + d] = F32ToF16(args.v_new[from + d]);
      }
    }
  }
}

void AttentionF16kvScalar(const AttentionArgs& args, float* scores, int64_t begin, int64_t end) {
  const int64_t per_kv_head = args.heads / args.kv_heads * args.rows;
  Query tile[kQueryTile];
  for (int64_t index = begin; index < end;) {
    const int64_t kv_head = index / per_kv_head;
    const int64_t count = std::min({kQueryTile, end - index, (kv_head + 1) * per_kv_head - index});
    for (int64_t i = 0; i < count; ++i) {
      const int64_t head = (index + i) / args.rows;
      const int64_t row = (index + i) % args.rows;
      const int64_t offset = (row * args.heads + head) * args.head_dim;
      tile[i].q = args.q + offset;
      tile[i].keys = args.first_position + row + 1;
      tile[i].p = scores + i * ScoreStride(args.capacity);
      tile[i].out = args.out + offset;
    }
    AttendTile(args, kv_head, std::span(tile, count));
    index += count;
  }
}

}  // namespace bitnet
