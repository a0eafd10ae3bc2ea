#include "verify/independent/float_path.h"

#include <algorithm>
#include <cmath>

#include "bitnet/base/ca1.h"

namespace bitnet::verify::independent {
namespace {

constexpr int64_t kBlockPositions = 256;

// Ties to even, for |x| < 2^22.
float RoundHalfEven(float x) {
  constexpr float kMagic = 12582912.0f;  // 1.5 * 2^23
  return (x + kMagic) - kMagic;
}

}  // namespace

void RmsNorm(const Loops& loops, std::span<const float> x, std::span<const float> weight, float eps,
             std::span<float> y) {
  const float squares = loops.dot(x.data(), x.data(), x.size());
  const float scale = 1.0f / std::sqrt(squares / static_cast<float>(x.size()) + eps);
  for (size_t i = 0; i < x.size(); ++i) y[i] = (x[i] * scale) * weight[i];
}

float QuantizeRow(const Loops& loops, std::span<const float> x, std::span<int8_t> q) {
  const float largest = loops.largest_magnitude(x.data(), x.size());
  if (!std::isfinite(largest)) return 0;
  const float scale = 127.0f / std::max(largest, 1e-5f);
  for (size_t i = 0; i < x.size(); ++i) {
    q[i] = static_cast<int8_t>(std::clamp(RoundHalfEven(x[i] * scale), -128.0f, 127.0f));
  }
  return scale;
}

void Relu2Mul(std::span<float> gate, std::span<const float> up) {
  for (size_t i = 0; i < gate.size(); ++i) {
    const float r = gate[i] > 0.0f ? gate[i] : 0.0f;
    gate[i] = (r * r) * up[i];
  }
}

void AddTo(std::span<float> x, std::span<const float> y) {
  for (size_t i = 0; i < x.size(); ++i) x[i] = x[i] + y[i];
}

Rotation::Rotation(int64_t position, int64_t head_dim, float base) {
  const double log_base = ca1::LogDouble(static_cast<double>(base));
  for (int64_t i = 0; i < head_dim / 2; ++i) {
    const double exponent = -(2.0 * static_cast<double>(i) / static_cast<double>(head_dim)) * log_base;
    double sine = 0;
    double cosine = 0;
    ca1::SinCosDouble(static_cast<double>(position) * ca1::ExpDouble(exponent), &sine, &cosine);
    cosine_.push_back(static_cast<float>(cosine));
    sine_.push_back(static_cast<float>(sine));
  }
}

void Rotation::Apply(std::span<float> row) const {
  const size_t half = cosine_.size();
  for (size_t head = 0; head < row.size(); head += 2 * half) {
    for (size_t i = 0; i < half; ++i) {
      const float x0 = row[head + i];
      const float x1 = row[head + half + i];
      row[head + i] = x0 * cosine_[i] - x1 * sine_[i];
      row[head + half + i] = x1 * cosine_[i] + x0 * sine_[i];
    }
  }
}

void Attend(const Loops& loops, std::span<const float> query, const HeadCache& cache, int64_t count, float* scores,
            float* block, std::span<float> out) {
  const size_t dim = query.size();
  const float factor = 1.0f / std::sqrt(static_cast<float>(dim));
  for (int64_t t = 0; t < count; ++t) {
    scores[t] = loops.dot(query.data(), cache.keys + static_cast<size_t>(t) * dim, dim) * factor;
  }
  loops.exp_below(scores, *std::max_element(scores, scores + count), static_cast<size_t>(count));
  float sum = 0;
  for (int64_t begin = 0; begin < count; begin += kBlockPositions) {
    const int64_t end = std::min(begin + kBlockPositions, count);
    const float block_sum = loops.sum(scores + begin, static_cast<size_t>(end - begin));
    std::fill(block, block + dim, 0.0f);
    for (int64_t t = begin; t < end; ++t) {
      loops.add_scaled(scores[t], cache.values + static_cast<size_t>(t) * dim, block, dim);
    }
    if (begin == 0) {
      sum = block_sum;
      std::copy(block, block + dim, out.begin());
    } else {
      sum = sum + block_sum;
      AddTo(out, {block, dim});
    }
  }
  for (float& value : out) value = value / sum;
}

void RoundToF16(std::span<float> x, std::span<F16> bits) {
  for (size_t i = 0; i < x.size(); ++i) {
    bits[i] = F32ToF16(x[i]);
    x[i] = F16ToF32(bits[i]);
  }
}

}  // namespace bitnet::verify::independent
