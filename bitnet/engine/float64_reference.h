// An independent forward pass in binary64, for tests: the formulas of the paper and of the file format, written out
// plainly, sharing no code with the kernels. Weights are unpacked by the layout's formula, one at a time.

#ifndef BITNET_ENGINE_FLOAT64_REFERENCE_H_
#define BITNET_ENGINE_FLOAT64_REFERENCE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/model/config.h"
#include "bitnet/model/weights.h"

namespace bitnet::float64 {

using Vector = std::vector<double>;

// y[i] = x[i] / sqrt(mean(x^2) + eps) * weight[i]
Vector RmsNorm(const Vector& x, std::span<const float> weight, double eps);

// s = 127 / max(|x|max, 1e-5); q = clamp(round_half_even(x * s), -128, 127)
struct Quantized {
  Vector q;
  double scale;
};
Quantized Quantize(const Vector& x);

// y[m] = sum_k q[k] * w[m][k] / s * weight_scale
Vector BitLinear(const Quantized& x, const TernaryView& weight);

// Rotates pairs (i, i + head_dim / 2) of every head by position * base^(-2i / head_dim).
Vector Rope(const Vector& x, uint64_t head_dim, double base, int64_t position);

// Rotates pairs (2 i, 2 i + 1) by the same angle: the form of Llama-like files.
Vector RopeInterleaved(const Vector& x, uint64_t head_dim, double base, int64_t position);

// keys and values: [position][kv_dim]; softmax(q . k / sqrt(head_dim)) v per head, grouped queries.
Vector Attention(const Vector& q, const std::vector<Vector>& keys, const std::vector<Vector>& values,
                 const ArchShape& shape);

// relu(gate)^2 * up
Vector Relu2Mul(const Vector& gate, const Vector& up);

// gate / (1 + exp(-gate)) * up
Vector SiluMul(const Vector& gate, const Vector& up);

Vector Embedding(std::span<const F16> table, uint64_t hidden, int32_t id);
Vector Logits(const Vector& h, std::span<const F16> table, uint64_t vocab);

// As the f16 KV cache stores it: round to nearest even.
Vector RoundToF16(const Vector& x);

// Logits of every position, [ids.size()][vocab]. Queries and keys are made of the matrices as the file has them and
// rotated in the file's form, whatever the engine did to their rows.
std::vector<Vector> Forward(const ModelConfig& config, const Weights& weights, std::span<const int32_t> ids);

}  // namespace bitnet::float64

#endif  // BITNET_ENGINE_FLOAT64_REFERENCE_H_
