// Owns the tensors of one attention call, for tests and benchmarks.

#ifndef BITNET_KERNELS_ATTENTION_ATTENTION_TESTING_H_
#define BITNET_KERNELS_ATTENTION_ATTENTION_TESTING_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/attention/attention.h"
#include "bitnet/kernels/attention/attention_args.h"
#include "bitnet/kernels/known_answer.h"

namespace bitnet {

struct AttentionShape {
  int64_t first_position, rows, heads, kv_heads, head_dim;
  int64_t capacity() const { return first_position + rows + 3; }
  std::string Name() const {
    return absl::StrFormat("first=%d rows=%d heads=%d/%d dim=%d", first_position, rows, heads, kv_heads, head_dim);
  }
};

// Filled by `pattern`. Positions at and after first_position hold NaN, as do outputs and scratch, so that reading a
// key before it is appended, or a score before it is computed, shows.
struct AttentionTensors {
  AttentionTensors(const AttentionShape& s, Pattern pattern, uint64_t seed, int threads = 1)
      : shape(s),
        q(Floats(pattern, seed, s.rows * s.heads * s.head_dim)),
        k_new(Floats(pattern, seed + 1, s.rows * s.kv_heads * s.head_dim)),
        v_new(Floats(pattern, seed + 2, s.rows * s.kv_heads * s.head_dim)),
        scores(AttentionScratchFloats(s.capacity(), threads), kNan),
        out(q.size(), kNan),
        k(Cache(pattern, seed + 3)),
        v(Cache(pattern, seed + 4)) {}

  AttentionArgs Args() {
    return {.q = q.data(),
            .k_new = k_new.data(),
            .v_new = v_new.data(),
            .k_cache = k.data(),
            .v_cache = v.data(),
            .capacity = shape.capacity(),
            .first_position = shape.first_position,
            .rows = shape.rows,
            .heads = shape.heads,
            .kv_heads = shape.kv_heads,
            .head_dim = shape.head_dim,
            .scores = scores.data(),
            .out = out.data()};
  }

  static constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  static constexpr F16 kNanHalf = 0x7e00;

  static std::vector<float> Floats(Pattern pattern, uint64_t seed, int64_t n) {
    std::vector<float> values(n);
    FillPattern(pattern, seed, values);
    return values;
  }

  std::vector<F16> Cache(Pattern pattern, uint64_t seed) const {
    const std::vector<float> values = Floats(pattern, seed, shape.kv_heads * shape.first_position * shape.head_dim);
    std::vector<F16> cache(shape.kv_heads * shape.capacity() * shape.head_dim, kNanHalf);
    const int64_t filled = shape.first_position * shape.head_dim;
    for (int64_t head = 0; head < shape.kv_heads; ++head) {
      for (int64_t i = 0; i < filled; ++i) {
        cache[head * shape.capacity() * shape.head_dim + i] = F32ToF16(values[head * filled + i]);
      }
    }
    return cache;
  }

  AttentionShape shape;
  std::vector<float> q, k_new, v_new, scores, out;
  std::vector<F16> k, v;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_ATTENTION_ATTENTION_TESTING_H_
