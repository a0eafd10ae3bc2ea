// The parts of head screening between its kernels: rounding the hidden state, choosing the candidates.

#ifndef BITNET_KERNELS_HEAD_SCREEN_BOUNDS_H_
#define BITNET_KERNELS_HEAD_SCREEN_BOUNDS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/kernels/head/screen_args.h"

namespace bitnet {

struct RoundedHidden {
  double step = 0;
  double rest_factor = 0;  // as in ScreenToken
  double norm_factor = 0;
  double norm = 0;  // at least |h|; not finite when h is not
};

// Rounds h [dim] to 14 bits: high and low as in ScreenToken.
RoundedHidden RoundHidden(std::span<const float> h, uint8_t* high, uint8_t* low);

// The keep-th largest of `values`, which has at least `keep`; none NaN. `best` is scratch.
float KthLargest(std::span<const float> values, int64_t keep, std::vector<float>& best);

// A threshold that every binary32 value >= value - within reaches, as near to it as binary32 has one. `within` is finite,
// >= 0. The difference may be that of binary64: rounding to nearest keeps order.
float AtMostLess(float value, double within);

// Appends the indices of the values >= threshold, ascending; stops with false when there are more than `limit`.
bool CollectAtLeast(std::span<const float> values, float threshold, int64_t limit, std::vector<int32_t>& indices);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_SCREEN_BOUNDS_H_
