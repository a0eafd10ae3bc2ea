// RopeTable: cosines and sines of every (position, frequency), made by fixed-order double arithmetic (no libm), so
// that every machine rotates by the same bits.
//
//   inv_freq_i = exp(-(2 i / head_dim) * ln(freq_base)), 0 <= i < head_dim / 2
//   angle      = position * inv_freq_i;  cos and sin of it are rounded to binary32 once

#ifndef BITNET_KERNELS_ROPE_ROPE_TABLE_H_
#define BITNET_KERNELS_ROPE_ROPE_TABLE_H_

#include <cstdint>
#include <vector>

#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/sha256.h"

namespace bitnet {

// Move-only. const members are thread-safe while no EnsurePositions runs.
class RopeTable {
 public:
  // The first positions are filled at once and are what the digest covers.
  static constexpr int64_t kSamplePositions = 4096;

  // Room for `positions` >= 1 positions, the session's context size; the first min(positions, kSamplePositions) are
  // filled now, later ones by EnsurePositions. `head_dim` is even and positive, `freq_base` > 0 and finite.
  static RopeTable Create(int64_t head_dim, double freq_base, int64_t positions);

  // Fills rows so that positions [0, end) are usable; end <= positions(). Existing rows stay where they are.
  void EnsurePositions(int64_t end);

  int64_t head_dim() const { return 2 * static_cast<int64_t>(inv_freq_.size()); }
  int64_t positions() const { return positions_; }
  int64_t filled() const { return filled_; }

  // Row `position` and all later ones: [filled() - position][head_dim / 2].
  const float* cosines(int64_t position) const { return cosines_.data() + position * head_dim() / 2; }
  const float* sines(int64_t position) const { return sines_.data() + position * head_dim() / 2; }

  // SHA-256 of the first min(positions(), kSamplePositions) rows of cosines, then of sines, as little-endian
  // binary32. About 2 ms; does not change when the table grows.
  Digest digest() const;

 private:
  RopeTable() = default;

  std::vector<double> inv_freq_;  // [head_dim / 2]
  int64_t positions_ = 0;
  int64_t filled_ = 0;
  AlignedBuffer<float> cosines_;  // [positions][head_dim / 2]
  AlignedBuffer<float> sines_;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_ROPE_ROPE_TABLE_H_
