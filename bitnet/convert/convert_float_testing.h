// What the tests of conversions use to make float models of ternary ones.

#ifndef BITNET_CONVERT_CONVERT_FLOAT_TESTING_H_
#define BITNET_CONVERT_CONVERT_FLOAT_TESTING_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "bitnet/base/f16.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/quant/float_view.h"
#include "bitnet/quant/i2s_testing.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

inline constexpr char kQ[] = "blk.0.attn_q.weight";

// Progress that goes on.
inline bool Always(std::string_view, uint64_t, uint64_t) { return true; }

// Replaces a ternary tensor of the file by floats of its values times `factor`.
template <typename T, typename Encode>
void MakeFloat(GgufEditor::Tensor& tensor, TensorType type, Encode encode) {
  const size_t count = tensor.dims[0] * tensor.dims[1];
  std::vector<int8_t> trits(count);
  UnpackI2s(std::span(tensor.data).first(count / 4), trits);
  tensor.type_id = static_cast<uint32_t>(type);
  tensor.data.resize(count * sizeof(T));
  for (size_t i = 0; i < count; ++i) {
    const T value = encode(trits[i]);
    std::memcpy(tensor.data.data() + i * sizeof(T), &value, sizeof(T));
  }
}

// The values of an F32 or F16 tensor as `type`.
inline void Retype(GgufEditor::Tensor& tensor, TensorType type) {
  const FloatView values = *FloatView::FromBytes(*TensorTypeFromId(tensor.type_id), tensor.data);
  std::vector<uint8_t> data;
  for (uint64_t i = 0; i < values.size(); ++i) {
    const float value = values.At(i);
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t stored = type == TensorType::kF32 ? bits : type == TensorType::kF16 ? F32ToF16(value) : bits >> 16;
    for (int byte = 0; byte < (type == TensorType::kF32 ? 4 : 2); ++byte) {
      data.push_back(static_cast<uint8_t>(stored >> (8 * byte)));
    }
  }
  tensor.type_id = static_cast<uint32_t>(type);
  tensor.data = data;
}

}  // namespace bitnet

#endif  // BITNET_CONVERT_CONVERT_FLOAT_TESTING_H_
