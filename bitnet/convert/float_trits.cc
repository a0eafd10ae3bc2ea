#include "bitnet/convert/float_trits.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/quant/quantization_error.h"

namespace bitnet {
namespace {

// The error between values and scale * trits, a chunk at a time.
QuantizationError ErrorOf(const FloatView& values, std::span<const int8_t> trits, float scale, IsaSet isa) {
  constexpr uint64_t kChunk = 16384;
  std::vector<float> original(kChunk), stored(kChunk);
  QuantizationErrorSum sum(isa);
  for (uint64_t begin = 0; begin < trits.size(); begin += kChunk) {
    const uint64_t count = std::min<uint64_t>(kChunk, trits.size() - begin);
    const std::span<float> result = std::span(stored).first(count);
    DequantizeTrits(trits.subspan(begin, count), scale, isa, result);
    sum.Add(values.Read(begin, count, isa, original), result);
  }
  return sum.Finish();
}

}  // namespace

absl::StatusOr<TritsRead> ReadFloatTrits(const FloatView& values, std::string_view tensor,
                                         std::optional<QuantizeMethod> quantize, IsaSet isa, MeasureError measure,
                                         std::span<int8_t> trits) {
  const auto named = [&](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat("tensor ", tensor, ": ", status.message()));
  };
  // A ternary matrix comes through absmax exactly; only one that is not has a use for the caller's method.
  const absl::StatusOr<float> exact = TernaryScale(values, isa);
  if (!exact.ok() && !quantize) {
    // What no quantizer would take either must not be answered with a flag.
    const absl::StatusOr<float> finite = QuantizationScale(values, QuantizeMethod::kAbsmax, isa);
    if (!finite.ok()) return named(finite.status());
    const absl::Status status = named(exact.status());
    return absl::Status(status.code(), absl::StrCat(status.message(),
                                                    "; weights that are not ternary are changed by a conversion, ask "
                                                    "for it with --quantize absmax or absmean"));
  }
  const absl::StatusOr<float> scale =
      QuantizeToTrits(values, exact.ok() ? QuantizeMethod::kAbsmax : *quantize, isa, trits);
  if (!scale.ok()) return named(scale.status());
  TritsRead read{.scale = *scale};
  if (!exact.ok() && measure == MeasureError::kYes) read.error = ErrorOf(values, trits, *scale, isa);
  return read;
}

}  // namespace bitnet
