// kernel_config.ini: the tilings that Microsoft's converter packed a TL1 or TL2 file with.
//
//     [Kernels_0]
//     m = 3200        rows
//     k = 8640        columns
//     bm = 160
//     bk = 96
//     bmm = 32
//
// One section per shape, named Kernels_ and a number; five keys in any order and case; lines that start with # or ;
// are comments. Nothing else is allowed: a file that says something else would be read in part only.

#ifndef BITNET_QUANT_KERNEL_CONFIG_H_
#define BITNET_QUANT_KERNEL_CONFIG_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/quant/tl_tiling.h"

namespace bitnet {

inline constexpr size_t kMaxKernelConfigBytes = 64 * 1024;

// The tilings of a file's text, in its order, at least one and at most kMaxTilings. InvalidArgument names the line:
// anything but the form above, a section, key or shape that occurs twice, a section that lacks a key, a value that is
// no decimal number of 1 to 2^31 - 1. Whether a tiling fits its shape depends on the format and is not checked here.
absl::StatusOr<std::vector<TlTiling>> ParseKernelConfig(std::string_view text);

}  // namespace bitnet

#endif  // BITNET_QUANT_KERNEL_CONFIG_H_
