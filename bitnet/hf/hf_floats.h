// Floats of a Hugging Face checkpoint, as the tensors of a GGUF file have them.

#ifndef BITNET_HF_HF_FLOATS_H_
#define BITNET_HF_HF_FLOATS_H_

#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/safetensors/safetensors_file.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// The value of a tensor with one element; InvalidArgument for another number of elements.
absl::StatusOr<float> ReadHfNumber(const SafetensorsTensor& tensor);

// F32, F16 or BF16; Unimplemented for another one, naming the tensor.
absl::StatusOr<TensorType> HfFloatType(const SafetensorsTensor& tensor);

// What rounding a table to binary16 did to it.
struct F16Rounding {
  uint64_t values = 0;
  uint64_t rounded = 0;  // that binary16 does not hold exactly
  uint64_t to_zero = 0;  // of these, below half of the smallest binary16
  double max_error = 0;  // max |value - rounded value|
  bool operator==(const F16Rounding&) const = default;
};

using HfByteSink = absl::FunctionRef<absl::Status(std::span<const uint8_t>)>;

// The values as little-endian binary16, to the nearest, ties to even, in pieces to `sink`. InvalidArgument names the
// first value that is not finite or too large for binary16.
absl::StatusOr<F16Rounding> WriteHfAsF16(const SafetensorsTensor& tensor, HfByteSink sink);

// The values as little-endian binary32, which is exact. InvalidArgument names the first that is not finite.
absl::Status WriteHfAsF32(const SafetensorsTensor& tensor, HfByteSink sink);

}  // namespace bitnet

#endif  // BITNET_HF_HF_FLOATS_H_
