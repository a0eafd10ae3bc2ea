// Floats of a Hugging Face checkpoint, as the tensors of a GGUF file have them.

#ifndef BITNET_HF_HF_FLOATS_H_
#define BITNET_HF_HF_FLOATS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/quant/write_floats.h"
#include "bitnet/safetensors/safetensors_file.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// The value of a tensor with one element; InvalidArgument for another number of elements.
absl::StatusOr<float> ReadHfNumber(const SafetensorsTensor& tensor);

// F32, F16 or BF16; Unimplemented for another one, naming the tensor.
absl::StatusOr<TensorType> HfFloatType(const SafetensorsTensor& tensor);

// WriteAsF16 and WriteAsF32 (bitnet/quant/write_floats.h) of a tensor's values; HfFloatType's error for other types.
absl::StatusOr<F16Rounding> WriteHfAsF16(const SafetensorsTensor& tensor, FloatByteSink sink);
absl::Status WriteHfAsF32(const SafetensorsTensor& tensor, FloatByteSink sink);

}  // namespace bitnet

#endif  // BITNET_HF_HF_FLOATS_H_
