#include "bitnet/ternary_file/format_keys.h"

#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/tensor/tensor_type.h"
#include "bitnet/tensor/ternary_formats.h"

namespace bitnet {

bool IsFormatKey(std::string_view key) {
  return key == kFileTypeKey || key == kTernaryFormatKey || key == kTernaryScalesKey || key == kTernaryTilingsKey;
}

bool NeedsTilings(const TernaryCodec& codec) {
  return codec.type == TensorType::kTl1 || codec.type == TensorType::kTl2;
}

std::optional<uint32_t> FileTypeNumber(const TernaryCodec& codec) {
  switch (codec.type) {
    // ggml.
    case TensorType::kTq1_0:
      return 36;
    case TensorType::kTq2_0:
      return 37;
    case TensorType::kQ1_0:
      return 40;
    case TensorType::kQ2_0:
      return 41;
    // Microsoft's fork, which counts on from 37 by itself; hence 40 twice.
    case TensorType::kTl1:
      return 38;
    case TensorType::kTl2:
      return 39;
    case TensorType::kI2S:
      return 40;
    default:
      return std::nullopt;
  }
}

void AddFormatKeys(const TernaryCodec& codec, std::span<const float> scales, std::span<const TlTiling> tilings,
                   GgufWriter& writer) {
  if (const std::optional<uint32_t> number = FileTypeNumber(codec)) writer.AddU32(kFileTypeKey, *number);
  if (codec.name != kNativeTernaryFormat) writer.AddString(kTernaryFormatKey, codec.name);
  if (codec.scale_form != ScaleForm::kTail) writer.AddF32Array(kTernaryScalesKey, scales);
  if (!NeedsTilings(codec)) return;
  const absl::StatusOr<std::vector<int32_t>> numbers = TilingsToInts(tilings);
  CHECK(numbers.ok()) << numbers.status();
  writer.AddI32Array(kTernaryTilingsKey, *numbers);
}

}  // namespace bitnet
