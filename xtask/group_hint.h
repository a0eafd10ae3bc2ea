// A hint, and no more, whether the I2_S tensors of a file are in groups of 128 weights or of 64.
//
// The bytes of one are a valid tensor of the other, whose columns are in another order within each 128. In trained
// models a neuron of the feed-forward part that is used little has many zeros both in its rows of ffn_gate and ffn_up
// and in its column of ffn_down: read with the right groups, counts of zeros of row i and of column i go together, with
// the wrong ones much less. Random weights say nothing.

#ifndef XTASK_GROUP_HINT_H_
#define XTASK_GROUP_HINT_H_

#include <cstdint>
#include <optional>
#include <span>

#include "bitnet/base/cpu_features.h"

namespace bitnet::xtask {

// ffn_up [ffn][hidden] and ffn_down [hidden][ffn] of one block, as I2_S data with tails.
struct FeedForwardBytes {
  std::span<const uint8_t> up;
  std::span<const uint8_t> down;
  int64_t hidden = 0;  // both multiples of 128
  int64_t ffn = 0;
};

struct GroupHint {
  double correlation_128 = 0;  // mean over blocks, -1 to 1
  double correlation_64 = 0;
  // Far beyond chance, that is 6 standard deviations, and more than twice the other.
  bool points_to_128 = false;
  bool points_to_64 = false;
};

// Nothing when there are no blocks or one cannot be read.
std::optional<GroupHint> HintAtGroups(std::span<const FeedForwardBytes> blocks, IsaSet isa);

}  // namespace bitnet::xtask

#endif  // XTASK_GROUP_HINT_H_
