#include "bitnet/kernels/rope/rope_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "absl/log/check.h"
#include "bitnet/base/ca1.h"

namespace bitnet {

static_assert(std::endian::native == std::endian::little, "digest() hashes memory as it lies");

RopeTable RopeTable::Create(int64_t head_dim, double freq_base, int64_t positions) {
  CHECK(head_dim > 0 && head_dim % 2 == 0) << "rope: head_dim must be even and positive, got " << head_dim;
  CHECK(freq_base > 0 && std::isfinite(freq_base)) << "rope: freq_base must be positive, got " << freq_base;
  CHECK_GT(positions, 0);
  RopeTable table;
  const double log_base = ca1::LogDouble(freq_base);
  for (int64_t i = 0; i < head_dim / 2; ++i) {
    const double exponent = static_cast<double>(2 * i) / static_cast<double>(head_dim);
    table.inv_freq_.push_back(ca1::ExpDouble(-exponent * log_base));
  }
  table.positions_ = positions;
  table.cosines_ = AlignedBuffer<float>(positions * head_dim / 2);
  table.sines_ = AlignedBuffer<float>(positions * head_dim / 2);
  table.EnsurePositions(std::min(positions, kSamplePositions));
  return table;
}

void RopeTable::EnsurePositions(int64_t end) {
  CHECK_LE(end, positions_) << "rope: position beyond the context size the table was made for";
  const int64_t half = head_dim() / 2;
  for (; filled_ < end; ++filled_) {
    for (int64_t i = 0; i < half; ++i) {
      double sine = 0;
      double cosine = 0;
      ca1::SinCosDouble(static_cast<double>(filled_) * inv_freq_[i], &sine, &cosine);
      cosines_[filled_ * half + i] = static_cast<float>(cosine);
      sines_[filled_ * half + i] = static_cast<float>(sine);
    }
  }
}

Digest RopeTable::digest() const {
  const size_t sample = static_cast<size_t>(std::min(positions_, kSamplePositions) * head_dim() / 2);
  const auto bytes = [&](const AlignedBuffer<float>& rows) {
    return std::span(reinterpret_cast<const uint8_t*>(rows.data()), sample * sizeof(float));
  };
  Sha256 hash;
  hash.Update(bytes(cosines_)).Update(bytes(sines_));
  return hash.Finish();
}

}  // namespace bitnet
