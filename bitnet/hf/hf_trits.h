// Ternary matrices of a Hugging Face checkpoint.
//
// A packed matrix of M rows is U8 [M / 4][K], four rows in one: the byte at (r, k) has rows r, r + M/4, r + 2M/4 and
// r + 3M/4 of column k, the first in the lowest bits; codes 0, 1, 2 are -1, 0, +1 and 3 does not exist.
//
//      bits           7-6         5-4         3-2         1-0
//      byte (r, k) | w[r+3M/4] | w[r+2M/4] | w[r+M/4]  | w[r]      |  of column k

#ifndef BITNET_HF_HF_TRITS_H_
#define BITNET_HF_HF_TRITS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/hf/hf_config.h"
#include "bitnet/safetensors/safetensors_file.h"

namespace bitnet {

// packed [rows / 4 * cols] -> trits [rows * cols] (CHECK); rows a multiple of 4 (CHECK). InvalidArgument names the
// first element, in the order of rows, with code 3. Runs at the speed of memory.
absl::Status UnpackHfTrits(std::span<const uint8_t> packed, int64_t rows, int64_t cols, std::string_view name,
                           std::span<int8_t> trits);

// The scale of a packed matrix from its weight_scale, one value in BF16, F16 or F32: as it is, or 1 / value rounded to
// binary32. InvalidArgument when it is negative, not finite or has none.
absl::StatusOr<float> ReadHfScale(const SafetensorsTensor& tensor, HfScale meaning);

// trits [rows * cols] in place: rows of each head from half-split into interleaved order, row i of the first half and
// row i of the second next to each other. rows a multiple of 2 * heads (CHECK).
void InterleaveRopeRows(std::span<int8_t> trits, int64_t rows, int64_t cols, int64_t heads);

}  // namespace bitnet

#endif  // BITNET_HF_HF_TRITS_H_
