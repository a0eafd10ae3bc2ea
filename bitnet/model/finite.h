// Search for infinities and NaNs in f16 data, at memory speed.

#ifndef BITNET_MODEL_FINITE_H_
#define BITNET_MODEL_FINITE_H_

#include <cstddef>
#include <optional>
#include <span>

#include "bitnet/base/f16.h"

namespace bitnet {

// Index of the first value whose exponent field is all ones, if any.
std::optional<size_t> FindNonFinite(std::span<const F16> values);

}  // namespace bitnet

#endif  // BITNET_MODEL_FINITE_H_
