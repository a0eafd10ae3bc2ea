// The tilings of a file to be written in TL1 or TL2.

#ifndef BITNET_CONVERT_TARGET_TILINGS_H_
#define BITNET_CONVERT_TARGET_TILINGS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/convert/model_source.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/tl_tiling.h"

namespace bitnet {

// One tiling for each shape of the ternary tensors, in directory order: from `given`, or the default when `given` is
// empty. Empty for other formats. InvalidArgument when `given` lacks a shape or has a tiling that does
// not fit, or when no tiling at all fits a shape; names the tensor.
absl::StatusOr<std::vector<TlTiling>> TargetTilings(const ModelSource& source, const TernaryCodec& codec,
                                                    std::span<const TlTiling> given);

}  // namespace bitnet

#endif  // BITNET_CONVERT_TARGET_TILINGS_H_
