#include "bitnet/kernels/attention/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/base/ca1.h"

namespace bitnet {
namespace {

// One position of one kv head.
std::vector<float> CachedRow(const AttentionArgs& args, const F16* cache, int64_t kv_head, int64_t position) {
  std::vector<float> row(args.head_dim);
  for (int64_t d = 0; d < args.head_dim; ++d) {
    row[d] = F16ToF32(cache[(kv_head * args.capacity + position) * args.head_dim + d]);
  }
  return row;
}

void Append(const AttentionArgs& args) {
  for (int64_t row = 0; row < args.rows; ++row) {
    for (int64_t kv_head = 0; kv_head < args.kv_heads; ++kv_head) {
      for (int64_t d = 0; d < args.head_dim; ++d) {
        const int64_t from = (row * args.kv_heads + kv_head) * args.head_dim + d;
        const int64_t to = (kv_head * args.capacity + args.first_position + row) * args.head_dim + d;
        args.k_cache[to] = F32ToF16(args.k_new[from]);
        args.v_cache[to] = F32ToF16(args.v_new[from]);
      }
    }
  }
}

void AttendOne(const AttentionArgs& args, int64_t row, int64_t head) {
  const int64_t kv_head = head / (args.heads / args.kv_heads);
  const int64_t keys = args.first_position + row + 1;
  const int64_t offset = (row * args.heads + head) * args.head_dim;
  const std::span<const float> q(args.q + offset, args.head_dim);
  const float scale = 1.0f / std::sqrt(static_cast<float>(args.head_dim));
  std::vector<float> p(keys);
  for (int64_t t = 0; t < keys; ++t) p[t] = ca1::Dot(q, CachedRow(args, args.k_cache, kv_head, t)) * scale;
  const float max = *std::max_element(p.begin(), p.end());
  for (float& x : p) x = ca1::Exp(x - max);

  float sum = 0;
  std::vector<float> acc(args.head_dim, 0.0f);
  for (int64_t start = 0; start < keys; start += ca1::kAttentionBlock) {
    const int64_t end = std::min<int64_t>(keys, start + ca1::kAttentionBlock);
    const float block_sum = ca1::Sum(std::span(p).subspan(start, end - start));
    std::vector<float> block(args.head_dim, 0.0f);
    for (int64_t t = start; t < end; ++t) {
      const std::vector<float> v = CachedRow(args, args.v_cache, kv_head, t);
      for (int64_t d = 0; d < args.head_dim; ++d) block[d] = std::fma(p[t], v[d], block[d]);
    }
    sum = start == 0 ? block_sum : sum + block_sum;
    for (int64_t d = 0; d < args.head_dim; ++d) acc[d] = start == 0 ? block[d] : acc[d] + block[d];
  }
  for (int64_t d = 0; d < args.head_dim; ++d) args.out[offset + d] = acc[d] / sum;
}

}  // namespace

void ReferenceAttention(const AttentionArgs& args) {
  Append(args);
  for (int64_t row = 0; row < args.rows; ++row) {
    for (int64_t head = 0; head < args.heads; ++head) AttendOne(args, row, head);
  }
}

}  // namespace bitnet
