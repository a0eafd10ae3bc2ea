#include "bitnet/quant/quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/quant/floats/float_kernel_table.h"

namespace bitnet {
namespace {

constexpr uint32_t kMagnitude = 0x7fffffff;
constexpr uint32_t kInfinityBits = 0x7f800000;

absl::Status NotFinite(const FloatView& values) {
  for (uint64_t i = 0; i < values.size(); ++i) {
    const float value = values.At(i);
    if (!std::isfinite(value)) {
      return absl::InvalidArgumentError(absl::StrCat("float weights: element ", i, ": expected a finite number, got ",
                                                     value, "; the checkpoint is damaged, or its training diverged"));
    }
  }
  return absl::InternalError("float weights: a kernel saw a value that is not finite, and there is none");
}

}  // namespace

std::string_view QuantizeMethodName(QuantizeMethod method) {
  return method == QuantizeMethod::kAbsmax ? "absmax" : "absmean";
}

absl::StatusOr<QuantizeMethod> ParseQuantizeMethod(std::string_view name) {
  for (const QuantizeMethod method : {QuantizeMethod::kAbsmax, QuantizeMethod::kAbsmean}) {
    if (name == QuantizeMethodName(method)) return method;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("quantization method: expected absmax or absmean, got \"", name, "\""));
}

absl::StatusOr<float> TernaryScale(const FloatView& values, IsaSet isa) {
  const FloatKernels& kernels = FloatKernelsFor(isa);
  float scratch[kStatsBlock];
  uint32_t magnitude = 0;  // of the first value that is not zero
  for (uint64_t begin = 0; begin < values.size(); begin += kStatsBlock) {
    const auto chunk = values.Read(begin, std::min<uint64_t>(kStatsBlock, values.size() - begin), isa, scratch);
    const int64_t n = static_cast<int64_t>(chunk.size());
    int64_t other = kernels.first_other(chunk.data(), n, magnitude);
    if (other == n) continue;
    if (magnitude == 0) {
      magnitude = std::bit_cast<uint32_t>(chunk[other]) & kMagnitude;
      if (magnitude >= kInfinityBits) return NotFinite(values);
      other = kernels.first_other(chunk.data(), n, magnitude);
      if (other == n) continue;
    }
    const float scale = std::bit_cast<float>(magnitude);
    return absl::InvalidArgumentError(absl::StrCat("float weights are not ternary: element ",
                                                   begin + static_cast<uint64_t>(other), ": expected 0, ", -scale,
                                                   " or ", scale, " as before it, got ", chunk[other]));
  }
  return std::bit_cast<float>(magnitude);
}

absl::StatusOr<float> QuantizationScale(const FloatView& values, QuantizeMethod method, IsaSet isa) {
  const FloatKernels& kernels = FloatKernelsFor(isa);
  float scratch[kStatsBlock];
  uint32_t max = 0;
  double sum = 0;
  for (uint64_t begin = 0; begin < values.size(); begin += kStatsBlock) {
    const auto chunk = values.Read(begin, std::min<uint64_t>(kStatsBlock, values.size() - begin), isa, scratch);
    const BlockStats stats = kernels.stats(chunk.data(), static_cast<int64_t>(chunk.size()));
    max = std::max(max, stats.max_bits);
    sum += stats.sum;
  }
  if (max >= kInfinityBits) return NotFinite(values);
  if (method == QuantizeMethod::kAbsmax || values.size() == 0) return std::bit_cast<float>(max);
  return std::max(static_cast<float>(sum / static_cast<double>(values.size())), kAbsmeanFloor);
}

// The kernels test 2 |w| > scale, where 2 |w| is exact, or infinite and so above every scale. It says the same as
// round_half_even(w / scale) != 0 of a binary32 division: at or below one half the quotient is at most 0.5, which
// rounds to 0, and above one half it cannot come out as 0.5, because it is more than 0.5 + 2^-25, the middle between
// 0.5 and the next binary32 number. With h = scale / 2 a normal number of 24-bit mantissa m, the next larger |w| is h
// (1 + 1 / m) and 1 / m > 2^-24. Otherwise scale and |w| are k and j times 2^-149 with k < 2^24, and j / k >= 0.5 + 1 /
// (2 k).
absl::StatusOr<float> QuantizeToTrits(const FloatView& values, QuantizeMethod method, IsaSet isa,
                                      std::span<int8_t> trits) {
  CHECK_EQ(values.size(), trits.size());
  BITNET_ASSIGN_OR_RETURN(const float scale, QuantizationScale(values, method, isa));
  const FloatKernels& kernels = FloatKernelsFor(isa);
  float scratch[kStatsBlock];
  for (uint64_t begin = 0; begin < values.size(); begin += kStatsBlock) {
    const auto chunk = values.Read(begin, std::min<uint64_t>(kStatsBlock, values.size() - begin), isa, scratch);
    kernels.quantize(chunk.data(), static_cast<int64_t>(chunk.size()), scale, trits.data() + begin);
  }
  return scale;
}

void DequantizeTrits(std::span<const int8_t> trits, float scale, IsaSet isa, std::span<float> values) {
  CHECK_EQ(trits.size(), values.size());
  FloatKernelsFor(isa).dequantize(trits.data(), static_cast<int64_t>(trits.size()), scale, values.data());
}

}  // namespace bitnet
