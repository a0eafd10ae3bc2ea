#include "xtask/tensor_probe.h"

#include <cmath>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet::xtask {
namespace {

// Trained and random ternary codes read as F16 are spread over the whole exponent range; weights stored as F16 are
// nearly all below 8 in magnitude.
bool LooksLikeF16(std::span<const uint8_t> bytes) {
  constexpr size_t kSample = 65536;
  const std::span values(reinterpret_cast<const F16*>(bytes.data()), std::min(kSample, bytes.size() / sizeof(F16)));
  size_t small = 0;
  for (F16 value : values) small += std::fabs(F16ToF32(value)) < 8.0f ? 1 : 0;
  return !values.empty() && small > values.size() / 100 * 95;
}

void FillStatistics(std::span<const uint8_t> packed, float scale, TensorFindings& findings) {
  const TernaryStats stats = CountTrits(packed);
  findings.ternary = true;
  findings.minus = stats.count_minus;
  findings.zero = stats.count_zero;
  findings.plus = stats.count_plus;
  findings.scale = scale;
}

void ProbeI2s(const GgufTensor& tensor, std::span<const uint8_t> data, TensorFindings& findings) {
  const std::span<const uint8_t> packed = data.first(tensor.elements() / 4);
  const absl::StatusOr<float> scale = I2sScale(data, tensor.name);
  const absl::Status codes = CheckI2sCodes(packed, tensor.name);
  if (scale.ok() && codes.ok()) {
    FillStatistics(packed, *scale, findings);
    return;
  }
  findings.problem = std::string(codes.ok() ? scale.status().message() : codes.message());
  findings.actual_type = LooksLikeF16(data) ? "F16?" : "unknown";
}

void ProbeBlocks(const GgufTensor& tensor, TensorType type, TensorFindings& findings) {
  if (tensor.dims.empty()) return;
  const int64_t cols = static_cast<int64_t>(tensor.dims[0]);
  const int64_t rows = static_cast<int64_t>(tensor.elements()) / cols;
  AlignedBuffer<uint8_t> packed(tensor.elements() / 4);
  const absl::StatusOr<float> scale = RepackToI2s(*TernaryCodecOfType(type), tensor.data, rows, cols,
                                                  {.isa = DetectIsaSet()}, tensor.name, packed.span());
  if (scale.ok()) {
    FillStatistics(packed.span(), *scale, findings);
  } else if (!absl::IsUnimplemented(scale.status())) {
    // Scales that differ between blocks are what the type says, even if the engine cannot use them.
    findings.problem = std::string(scale.status().message());
  }
}

template <typename T, typename ToFloat>
void ProbeFloats(const GgufTensor& tensor, ToFloat to_float, TensorFindings& findings) {
  const std::span values(reinterpret_cast<const T*>(tensor.data.data()), tensor.data.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(to_float(values[i]))) continue;
    findings.problem = absl::StrCat("element ", i, " is not finite");
    return;
  }
}

}  // namespace

TensorFindings ClaimsOf(const GgufTensor& tensor) {
  TensorFindings findings;
  findings.actual_type = TensorTypeName(tensor.type_id);
  return findings;
}

TensorFindings ProbeTensor(const GgufTensor& tensor) {
  TensorFindings findings = ClaimsOf(tensor);
  const std::optional<TensorType> type = TensorTypeFromId(tensor.type_id);
  if (!type || tensor.data.empty()) return findings;
  switch (*type) {
    case TensorType::kI2S:
      ProbeI2s(tensor, tensor.data, findings);
      break;
    case TensorType::kTq1_0:
    case TensorType::kTq2_0:
      ProbeBlocks(tensor, *type, findings);
      break;
    case TensorType::kF32:
      ProbeFloats<float>(
          tensor, [](float x) { return x; }, findings);
      break;
    case TensorType::kF16:
      ProbeFloats<F16>(tensor, F16ToF32, findings);
      break;
    default:
      break;
  }
  return findings;
}

TensorFindings ProbeTernary(const TernaryTensor& ternary, std::span<const uint8_t> data) {
  const GgufTensor& tensor = *ternary.tensor;
  TensorFindings findings = ClaimsOf(tensor);
  if (ternary.codec == TernaryCodecOfType(TensorType::kI2S)) {
    ProbeI2s(tensor, data, findings);
    return findings;
  }
  AlignedBuffer<int8_t> trits(tensor.elements());
  const absl::StatusOr<float> scale = ternary.codec->unpack(data, ternary.rows, ternary.cols,
                                                            ternary.Params(DetectIsaSet()), tensor.name, trits.span());
  if (!scale.ok()) {
    findings.problem = std::string(scale.status().message());
    return findings;
  }
  findings.ternary = true;
  findings.scale = *scale;
  for (const int8_t trit : trits.span()) {
    findings.minus += trit < 0 ? 1 : 0;
    findings.plus += trit > 0 ? 1 : 0;
  }
  findings.zero = tensor.elements() - findings.minus - findings.plus;
  return findings;
}

}  // namespace bitnet::xtask
