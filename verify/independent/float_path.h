// The element-wise and row-wise steps of the forward pass, from docs/kernels.md (CA-1), for the auditor: one row each.

#ifndef VERIFY_INDEPENDENT_FLOAT_PATH_H_
#define VERIFY_INDEPENDENT_FLOAT_PATH_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/base/f16.h"
#include "verify/independent/loops.h"

namespace bitnet::verify::independent {

// Rows are multiples of 32 values long, and of equal length where nothing else is said.

// scale = 1 / sqrt(Dot(x, x) / n + eps);  y = (x * scale) * weight. y may be x.
void RmsNorm(const Loops& loops, std::span<const float> x, std::span<const float> weight, float eps,
             std::span<float> y);

// s = 127 / max(max|x|, 1e-5);  q = clamp(round_half_even(x * s), -128, 127). Returns s, or 0 and no q when an x is
// not finite.
float QuantizeRow(const Loops& loops, std::span<const float> x, std::span<int8_t> q);

// max(gate, +0)^2 * up, in place of gate.
void Relu2Mul(std::span<float> gate, std::span<const float> up);

// x += y.
void AddTo(std::span<float> x, std::span<const float> y);

// Cosines and sines of one position, binary64 routines of bitnet/base/ca1.h rounded to binary32.
class Rotation {
 public:
  Rotation(int64_t position, int64_t head_dim, float base);
  // Turns pairs (i, i + head_dim / 2) of every head of `row`, a multiple of head_dim long.
  void Apply(std::span<float> row) const;

 private:
  std::vector<float> cosine_;  // [head_dim / 2]
  std::vector<float> sine_;
};

// What attention reads of one head of one layer: keys and values of positions 0 .., after rounding to binary16.
struct HeadCache {
  const float* keys = nullptr;    // [positions][head_dim]
  const float* values = nullptr;  // [positions][head_dim]
};

// Softmax attention of one query over positions 0 .. count - 1, in blocks of 256. `scores` is scratch for `count`
// floats, `block` for head_dim; `out` has head_dim.
void Attend(const Loops& loops, std::span<const float> query, const HeadCache& cache, int64_t count, float* scores,
            float* block, std::span<float> out);

// bits[i] = f16 of x[i], nearest even; x[i] = f32 of bits[i].
void RoundToF16(std::span<float> x, std::span<F16> bits);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_FLOAT_PATH_H_
