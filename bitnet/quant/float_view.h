// FloatView: a tensor of float weights as a file has it, F32, F16 or BF16, read as binary32 a chunk at a time.

#ifndef BITNET_QUANT_FLOAT_VIEW_H_
#define BITNET_QUANT_FLOAT_VIEW_H_

#include <concepts>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// Views bytes that it does not own. A value type; const methods may be called from any thread.
class FloatView {
 public:
  // Spans, vectors and arrays of float.
  template <typename Floats>
  requires std::convertible_to<const Floats&, std::span<const float>>
  // NOLINTNEXTLINE(google-explicit-constructor): floats in memory are a view of floats.
  FloatView(const Floats& values) : FloatView(TensorType::kF32, sizeof(float), BytesOf(values)) {}

  // Little-endian values of type kF32, kF16 or kBf16 at any alignment. InvalidArgument for another type or for bytes
  // that are no whole number of values.
  static absl::StatusOr<FloatView> FromBytes(TensorType type, std::span<const uint8_t> bytes);

  uint64_t size() const { return bytes_.size() / width_; }
  TensorType type() const { return type_; }

  // Whether the values lie as floats in memory.
  bool InPlace() const;

  // Values [begin, begin + count) (CHECK), each exact: where they lie when InPlace, otherwise converted into the first
  // `count` of `scratch` (CHECK).
  std::span<const float> Read(uint64_t begin, uint64_t count, IsaSet isa, std::span<float> scratch) const;

  // Value `index` (CHECK).
  float At(uint64_t index) const;

 private:
  FloatView(TensorType type, uint64_t width, std::span<const uint8_t> bytes)
      : type_(type), width_(width), bytes_(bytes) {}

  static std::span<const uint8_t> BytesOf(std::span<const float> values) {
    return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
  }

  TensorType type_;
  uint64_t width_;  // bytes of a value
  std::span<const uint8_t> bytes_;
};

}  // namespace bitnet

#endif  // BITNET_QUANT_FLOAT_VIEW_H_
