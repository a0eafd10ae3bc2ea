#include "bitnet/quant/float_view.h"

#include <cstring>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/quant/floats/float_kernel_table.h"

namespace bitnet {

absl::StatusOr<FloatView> FloatView::FromBytes(TensorType type, std::span<const uint8_t> bytes) {
  const uint64_t width = type == TensorType::kF32 ? 4 : type == TensorType::kF16 || type == TensorType::kBf16 ? 2 : 0;
  if (width == 0) {
    return absl::InvalidArgumentError(absl::StrCat("float weights: type: expected F32, F16 or BF16, got ",
                                                   TensorTypeName(static_cast<uint32_t>(type))));
  }
  if (bytes.size() % width != 0) {
    return absl::InvalidArgumentError(absl::StrCat("float weights: ", TensorTypeName(static_cast<uint32_t>(type)),
                                                   " data: expected a multiple of ", width, " bytes, got ",
                                                   bytes.size()));
  }
  return FloatView(type, width, bytes);
}

bool FloatView::InPlace() const {
  return type_ == TensorType::kF32 && reinterpret_cast<uintptr_t>(bytes_.data()) % alignof(float) == 0;
}

std::span<const float> FloatView::Read(uint64_t begin, uint64_t count, IsaSet isa, std::span<float> scratch) const {
  CHECK_LE(begin, size());
  CHECK_LE(count, size() - begin);
  const uint8_t* source = bytes_.data() + begin * width_;
  if (InPlace()) return {reinterpret_cast<const float*>(source), count};
  CHECK_LE(count, scratch.size());
  const FloatKernels& kernels = FloatKernelsFor(isa);
  const int64_t n = static_cast<int64_t>(count);
  switch (type_) {
    case TensorType::kF16:
      kernels.from_f16(source, n, scratch.data());
      break;
    case TensorType::kBf16:
      kernels.from_bf16(source, n, scratch.data());
      break;
    default:
      if (count > 0) std::memcpy(scratch.data(), source, count * sizeof(float));
  }
  return scratch.first(count);
}

float FloatView::At(uint64_t index) const {
  float value = 0;
  return Read(index, 1, {Isa::kScalar}, std::span(&value, 1))[0];
}

}  // namespace bitnet
