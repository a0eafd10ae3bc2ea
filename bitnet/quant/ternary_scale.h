// Which numbers are scales of ternary matrices: the one rule of every format, of metadata and of checkpoints.

#ifndef BITNET_QUANT_TERNARY_SCALE_H_
#define BITNET_QUANT_TERNARY_SCALE_H_

#include <cmath>

namespace bitnet {

// Finite and not negative. Zero is a scale, of a matrix of zeros, and so is -0, which is not negative: every format
// keeps its sign like any other bit.
inline bool IsTernaryScale(float scale) { return std::isfinite(scale) && scale >= 0; }

}  // namespace bitnet

#endif  // BITNET_QUANT_TERNARY_SCALE_H_
