#include "bitnet/hf/hf_floats.h"

#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/quant/float_view.h"

namespace bitnet {

absl::StatusOr<float> ReadHfNumber(const SafetensorsTensor& tensor) {
  BITNET_ASSIGN_OR_RETURN(const TensorType type, HfFloatType(tensor));
  if (tensor.elements() == 1) {
    BITNET_ASSIGN_OR_RETURN(const FloatView values, FloatView::FromBytes(type, tensor.data));
    return values.At(0);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("tensor ", tensor.name, ": expected one value, got ", tensor.Describe()));
}

absl::StatusOr<TensorType> HfFloatType(const SafetensorsTensor& tensor) {
  switch (tensor.dtype) {
    case SafetensorsDtype::kF32:
      return TensorType::kF32;
    case SafetensorsDtype::kF16:
      return TensorType::kF16;
    case SafetensorsDtype::kBf16:
      return TensorType::kBf16;
    default:
      return absl::UnimplementedError(
          absl::StrCat("tensor ", tensor.name, ": expected F32, F16 or BF16, got ", tensor.Describe()));
  }
}

absl::StatusOr<F16Rounding> WriteHfAsF16(const SafetensorsTensor& tensor, FloatByteSink sink) {
  BITNET_ASSIGN_OR_RETURN(const TensorType type, HfFloatType(tensor));
  return WriteAsF16(type, tensor.data, tensor.name, sink);
}

absl::Status WriteHfAsF32(const SafetensorsTensor& tensor, FloatByteSink sink) {
  BITNET_ASSIGN_OR_RETURN(const TensorType type, HfFloatType(tensor));
  return WriteAsF32(type, tensor.data, tensor.name, sink);
}

}  // namespace bitnet
