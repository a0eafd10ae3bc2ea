#include "bitnet/engine/float64_reference.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/log/check.h"

namespace bitnet::float64 {
namespace {

// Straight from the definition of binary16, apart from the engine's own conversion.
double HalfToDouble(F16 half) {
  const int exponent = (half >> 10) & 0x1f;
  const double mantissa = half & 0x3ff;
  const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

int Trit(const TernaryView& weight, int64_t row, int64_t col) {
  const int64_t i = row * weight.cols + col;
  const uint8_t byte = weight.packed[static_cast<size_t>(i / 128 * 32 + i % 32)];
  return ((byte >> (6 - 2 * (i % 128 / 32))) & 3) - 1;
}

// A matrix as the file has it.
const TernaryView& OfFile(const Weights& weights, size_t layer, const std::string& part) {
  const std::string name = "blk." + std::to_string(layer) + "." + part + ".weight";
  const auto found = std::find_if(weights.ternary.begin(), weights.ternary.end(),
                                  [&](const NamedTernary& ternary) { return ternary.name == name; });
  CHECK(found != weights.ternary.end()) << name;
  return found->view;
}

Vector Add(Vector a, const Vector& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

}  // namespace

Vector RmsNorm(const Vector& x, std::span<const float> weight, double eps) {
  double squares = 0;
  for (double value : x) squares += value * value;
  const double scale = 1 / std::sqrt(squares / static_cast<double>(x.size()) + eps);
  Vector y(x.size());
  for (size_t i = 0; i < x.size(); ++i) y[i] = x[i] * scale * static_cast<double>(weight[i]);
  return y;
}

Quantized Quantize(const Vector& x) {
  double largest = 0;
  for (double value : x) largest = std::max(largest, std::fabs(value));
  Quantized result{Vector(x.size()), 127 / std::max(largest, 1e-5)};
  for (size_t i = 0; i < x.size(); ++i) {
    result.q[i] = std::clamp(std::nearbyint(x[i] * result.scale), -128.0, 127.0);
  }
  return result;
}

Vector BitLinear(const Quantized& x, const TernaryView& weight) {
  Vector y(static_cast<size_t>(weight.rows));
  for (int64_t row = 0; row < weight.rows; ++row) {
    double sum = 0;
    for (int64_t col = 0; col < weight.cols; ++col) sum += x.q[static_cast<size_t>(col)] * Trit(weight, row, col);
    y[static_cast<size_t>(row)] = sum / x.scale * static_cast<double>(weight.scale);
  }
  return y;
}

Vector Rope(const Vector& x, uint64_t head_dim, double base, int64_t position) {
  Vector y = x;
  const size_t half = head_dim / 2;
  for (size_t head = 0; head < x.size(); head += head_dim) {
    for (size_t i = 0; i < half; ++i) {
      const double angle =
          static_cast<double>(position) * std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(head_dim));
      const double a = x[head + i], b = x[head + i + half];
      y[head + i] = a * std::cos(angle) - b * std::sin(angle);
      y[head + i + half] = b * std::cos(angle) + a * std::sin(angle);
    }
  }
  return y;
}

Vector RopeInterleaved(const Vector& x, uint64_t head_dim, double base, int64_t position) {
  Vector y = x;
  for (size_t first = 0; first < x.size(); first += 2) {
    const double i = static_cast<double>(first % head_dim / 2);
    const double angle = static_cast<double>(position) * std::pow(base, -2.0 * i / static_cast<double>(head_dim));
    const double a = x[first], b = x[first + 1];
    y[first] = a * std::cos(angle) - b * std::sin(angle);
    y[first + 1] = b * std::cos(angle) + a * std::sin(angle);
  }
  return y;
}

Vector Attention(const Vector& q, const std::vector<Vector>& keys, const std::vector<Vector>& values,
                 const ArchShape& shape) {
  Vector out(q.size());
  const size_t dim = shape.head_dim;
  for (size_t head = 0; head < shape.heads; ++head) {
    const size_t kv = head / (shape.heads / shape.kv_heads) * dim;
    Vector scores(keys.size());
    for (size_t t = 0; t < keys.size(); ++t) {
      for (size_t d = 0; d < dim; ++d) scores[t] += q[head * dim + d] * keys[t][kv + d];
      scores[t] /= std::sqrt(static_cast<double>(dim));
    }
    const double largest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double& score : scores) sum += score = std::exp(score - largest);
    for (size_t t = 0; t < keys.size(); ++t) {
      for (size_t d = 0; d < dim; ++d) out[head * dim + d] += scores[t] / sum * values[t][kv + d];
    }
  }
  return out;
}

Vector Relu2Mul(const Vector& gate, const Vector& up) {
  Vector out(gate.size());
  for (size_t i = 0; i < gate.size(); ++i) out[i] = gate[i] > 0 ? gate[i] * gate[i] * up[i] : 0;
  return out;
}

Vector SiluMul(const Vector& gate, const Vector& up) {
  Vector out(gate.size());
  for (size_t i = 0; i < gate.size(); ++i) out[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
  return out;
}

Vector Embedding(std::span<const F16> table, uint64_t hidden, int32_t id) {
  Vector out(hidden);
  for (size_t i = 0; i < hidden; ++i) out[i] = HalfToDouble(table[static_cast<size_t>(id) * hidden + i]);
  return out;
}

Vector Logits(const Vector& h, std::span<const F16> table, uint64_t vocab) {
  Vector out(vocab);
  for (size_t v = 0; v < vocab; ++v) {
    for (size_t i = 0; i < h.size(); ++i) out[v] += h[i] * HalfToDouble(table[v * h.size() + i]);
  }
  return out;
}

Vector RoundToF16(const Vector& x) {
  Vector out(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    // Units of the last place: 2^-10 of the leading power of two, 2^-24 below the normal range.
    const int exponent = x[i] == 0 ? -14 : std::max(std::ilogb(x[i]), -14);
    out[i] = std::ldexp(std::nearbyint(std::ldexp(x[i], 10 - exponent)), exponent - 10);
  }
  return out;
}

std::vector<Vector> Forward(const ModelConfig& config, const Weights& weights, std::span<const int32_t> ids) {
  const ArchShape& shape = config.shape;
  const double eps = static_cast<double>(config.rms_eps);
  const double base = static_cast<double>(config.rope_freq_base);
  std::vector<std::vector<Vector>> keys(shape.layers), values(shape.layers);
  std::vector<Vector> logits;
  for (size_t position = 0; position < ids.size(); ++position) {
    Vector x = Embedding(weights.token_embd, shape.hidden, ids[position]);
    for (size_t l = 0; l < shape.layers; ++l) {
      const LayerWeights& layer = weights.layers[l];
      const Quantized h = Quantize(RmsNorm(x, layer.attn_norm, eps));
      const int64_t p = static_cast<int64_t>(position);
      const auto rotated = [&](const char* part) {
        const auto rope = config.rope_form == RopeForm::kInterleaved ? RopeInterleaved : Rope;
        return rope(BitLinear(h, OfFile(weights, l, part)), shape.head_dim, base, p);
      };
      const Vector q = rotated("attn_q");
      keys[l].push_back(RoundToF16(rotated("attn_k")));
      values[l].push_back(RoundToF16(BitLinear(h, layer.v)));
      const Vector attention = Attention(q, keys[l], values[l], shape);
      const auto sub_norm = [&](const Vector& in, std::span<const float> weight) {
        return Quantize(shape.sub_norms ? RmsNorm(in, weight, eps) : in);
      };
      x = Add(std::move(x), BitLinear(sub_norm(attention, layer.attn_sub_norm), layer.output));
      const Quantized f = Quantize(RmsNorm(x, layer.ffn_norm, eps));
      const auto gated = shape.activation == Activation::kSilu ? SiluMul : Relu2Mul;
      const Vector inner = gated(BitLinear(f, layer.gate), BitLinear(f, layer.up));
      x = Add(std::move(x), BitLinear(sub_norm(inner, layer.ffn_sub_norm), layer.down));
    }
    logits.push_back(Logits(RmsNorm(x, weights.output_norm, eps), weights.head, shape.vocab));
  }
  return logits;
}

}  // namespace bitnet::float64
