// Tensor types of GGUF files, and how many bytes a tensor of each takes.

#ifndef BITNET_TENSOR_TENSOR_TYPE_H_
#define BITNET_TENSOR_TENSOR_TYPE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace bitnet {

// Numbers as they stand in files. 36-39 are Microsoft's fork of ggml; upstream used 36 and 39 for other things. 41 and
// 42 are upstream's groups of 128 and 64.
enum class TensorType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kI8 = 24,
  kI32 = 26,
  kBf16 = 30,
  kTq1_0 = 34,
  kTq2_0 = 35,
  kI2S = 36,
  kI8S = 37,
  kTl1 = 38,
  kTl2 = 39,
  kQ1_0 = 41,
  kQ2_0 = 42,
  // Ours: no other program gives these layouts a number. "BT" in the high half keeps clear of every list in use.
  kI2S32 = 0x42540020,
  kQk256 = 0x42540100,
};

// The type with this number, if it is one we know the size of.
std::optional<TensorType> TensorTypeFromId(uint32_t id);

// "I2_S"; "type 99" for a number we do not know.
std::string TensorTypeName(uint32_t id);

// Bytes of a tensor of `elements` values whose rows have `row_length` values, without alignment padding. A function,
// not a ratio: I2_S has a 32-byte tail after n/4 bytes. InvalidArgument when the row length does not fit the type's
// block, OutOfRange on overflow. TL1 and TL2 sizes do not depend on the tiling.
absl::StatusOr<uint64_t> TensorSizeInBytes(TensorType type, uint64_t elements, uint64_t row_length);

}  // namespace bitnet

#endif  // BITNET_TENSOR_TENSOR_TYPE_H_
