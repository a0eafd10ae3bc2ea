#include "bitnet/kernels/attention/attention_selftest.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/attention/reference.h"
#include "bitnet/kernels/known_answer.h"

namespace bitnet {
namespace {

// Small shapes that reach every path: tiles of fewer queries than four, tiles across heads, a block boundary at 256,
// a number of keys that is no multiple of a vector, the widest head.
struct Case {
  const char* name;
  int64_t first_position, rows, heads, kv_heads, head_dim;
  Pattern pattern;
};
constexpr Case kCases[] = {
    {"first key", 0, 1, 4, 1, 32, Pattern::kRandom},    {"batch", 0, 7, 2, 1, 64, Pattern::kRandom},
    {"two blocks", 258, 2, 3, 1, 32, Pattern::kRandom}, {"wide head", 20, 1, 2, 2, 256, Pattern::kRandom},
    {"denormals", 9, 3, 2, 1, 96, Pattern::kDenormals}, {"alternating", 5, 2, 2, 1, 32, Pattern::kAlternating},
};

// Everything that a call reads or writes.
struct Tensors {
  std::vector<float> q, k_new, v_new, scores, out;
  std::vector<F16> k, v;
};

std::vector<float> Floats(Pattern pattern, uint64_t seed, int64_t n) {
  std::vector<float> values(n);
  FillPattern(pattern, seed, values);
  return values;
}

std::vector<F16> Halves(Pattern pattern, uint64_t seed, int64_t n) {
  std::vector<F16> halves;
  halves.reserve(n);
  for (float value : Floats(pattern, seed, n)) halves.push_back(F32ToF16(value));
  return halves;
}

std::vector<float> ToFloats(const std::vector<F16>& halves) {
  std::vector<float> values;
  values.reserve(halves.size());
  for (F16 half : halves) values.push_back(F16ToF32(half));
  return values;
}

int64_t Capacity(const Case& c) { return c.first_position + c.rows + 1; }

Tensors MakeTensors(const Case& c, uint64_t seed) {
  const int64_t cache = c.kv_heads * Capacity(c) * c.head_dim;
  const int64_t fresh = c.rows * c.kv_heads * c.head_dim;
  const int64_t queries = c.rows * c.heads * c.head_dim;
  Tensors t;
  t.q = Floats(c.pattern, seed, queries);
  t.k_new = Floats(c.pattern, seed + 1, fresh);
  t.v_new = Floats(c.pattern, seed + 2, fresh);
  t.scores.resize(kQueryTile * ScoreStride(Capacity(c)));
  t.out.resize(queries);
  t.k = Halves(c.pattern, seed + 3, cache);
  t.v = Halves(c.pattern, seed + 4, cache);
  return t;
}

AttentionArgs Args(const Case& c, Tensors& t) {
  return {.q = t.q.data(),
          .k_new = t.k_new.data(),
          .v_new = t.v_new.data(),
          .k_cache = t.k.data(),
          .v_cache = t.v.data(),
          .capacity = Capacity(c),
          .first_position = c.first_position,
          .rows = c.rows,
          .heads = c.heads,
          .kv_heads = c.kv_heads,
          .head_dim = c.head_dim,
          .scores = t.scores.data(),
          .out = t.out.data()};
}

}  // namespace

absl::StatusOr<Digest> CheckAttention(KernelId kernel, const AttentionKernel& functions) {
  KnownAnswer answer(kernel);
  uint64_t seed = 0;
  for (const Case& c : kCases) {
    Tensors expected = MakeTensors(c, seed);
    Tensors got = expected;
    seed += 5;
    ReferenceAttention(Args(c, expected));
    const AttentionArgs args = Args(c, got);
    functions.append(args, 0, c.rows);
    functions.attend(args, args.scores, 0, c.heads * c.rows);
    BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrCat(c.name, ", k cache"), ToFloats(expected.k), ToFloats(got.k)));
    BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrCat(c.name, ", v cache"), ToFloats(expected.v), ToFloats(got.v)));
    BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrCat(c.name, ", output"), expected.out, got.out));
  }
  return answer.Finish();
}

}  // namespace bitnet
