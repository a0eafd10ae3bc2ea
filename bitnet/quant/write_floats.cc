#include "bitnet/quant/write_floats.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

// Values converted at once: the buffers stay in the nearest caches.
constexpr uint64_t kChunk = 16384;

uint64_t WidthOf(TensorType type) { return type == TensorType::kF32 ? 4 : 2; }

float WideOf(TensorType type, uint16_t half) {
  return type == TensorType::kF16 ? F16ToF32(half) : std::bit_cast<float>(uint32_t{half} << 16);
}

float ValueAt(TensorType type, const uint8_t* bytes) {
  if (type == TensorType::kF32) {
    float value;
    std::memcpy(&value, bytes, sizeof(value));
    return value;
  }
  uint16_t half;
  std::memcpy(&half, bytes, sizeof(half));
  return WideOf(type, half);
}

absl::Status BadValue(std::string_view tensor, uint64_t element, std::string_view expected, float got) {
  return absl::InvalidArgumentError(
      absl::StrCat("tensor ", tensor, ": element ", element, ": expected ", expected, ", got ", got));
}

uint64_t CountOf(TensorType type, std::span<const uint8_t> bytes) {
  CHECK(type == TensorType::kF32 || type == TensorType::kF16 || type == TensorType::kBf16);
  CHECK_EQ(bytes.size() % WidthOf(type), 0u);
  return bytes.size() / WidthOf(type);
}

// One value, and what makes it wrong for binary16; nullptr when nothing does.
const char* F16Problem(TensorType type, float value) {
  if (!std::isfinite(value)) return "a finite number";
  // Of binary16 itself: every value is taken over as it is.
  if (type == TensorType::kF16) return nullptr;
  if (std::isinf(F16ToF32(F32ToF16(value)))) return "a number that binary16 can hold, below 65520";
  return nullptr;
}

void CountRounding(float value, F16 half, uint64_t times, F16Rounding* rounding) {
  const float back = F16ToF32(half);
  if (back == value) return;
  rounding->rounded += times;
  if (back == 0) rounding->to_zero += times;
  rounding->max_error = std::max(rounding->max_error, std::fabs(static_cast<double>(value) - back));
}

// What becomes of each of the 65536 values of a 16-bit type: a table holds more values a second than arithmetic.
class HalfTable {
 public:
  explicit HalfTable(TensorType type) : halves_(kPatterns), problems_(kPatterns), counts_(kPatterns) {
    for (uint32_t bits = 0; bits < kPatterns; ++bits) {
      const uint16_t pattern = static_cast<uint16_t>(bits);
      const float value = WideOf(type, pattern);
      // From binary16 the pattern itself: conversions quiet what they do not know.
      halves_[bits] = type == TensorType::kF16 ? pattern : F32ToF16(value);
      problems_[bits] = F16Problem(type, value) != nullptr;
    }
    type_ = type;
  }

  // in [2 * count] -> out [2 * count]; the number of good values before the first bad one, count when there is none.
  uint64_t Convert(const uint8_t* in, uint64_t count, uint8_t* out) {
    uint8_t problem = 0;
    for (uint64_t i = 0; i < count; ++i) {
      uint16_t bits;
      std::memcpy(&bits, in + 2 * i, sizeof(bits));
      std::memcpy(out + 2 * i, &halves_[bits], sizeof(F16));
      problem |= problems_[bits];
      ++counts_[bits];
    }
    if (problem == 0) return count;
    for (uint64_t i = 0; i < count; ++i) {
      uint16_t bits;
      std::memcpy(&bits, in + 2 * i, sizeof(bits));
      if (problems_[bits] != 0) return i;
    }
    return count;
  }

  void AddTo(F16Rounding* rounding) const {
    for (uint32_t bits = 0; bits < kPatterns; ++bits) {
      if (counts_[bits] == 0) continue;
      const uint16_t pattern = static_cast<uint16_t>(bits);
      CountRounding(WideOf(type_, pattern), halves_[bits], counts_[bits], rounding);
    }
  }

 private:
  static constexpr uint32_t kPatterns = 65536;
  TensorType type_;
  std::vector<F16> halves_;
  std::vector<uint8_t> problems_;
  std::vector<uint64_t> counts_;
};

uint64_t ConvertF32(const uint8_t* in, uint64_t count, uint8_t* out, F16Rounding* rounding) {
  for (uint64_t i = 0; i < count; ++i) {
    const float value = ValueAt(TensorType::kF32, in + 4 * i);
    if (F16Problem(TensorType::kF32, value) != nullptr) return i;
    const F16 half = F32ToF16(value);
    std::memcpy(out + 2 * i, &half, sizeof(half));
    CountRounding(value, half, 1, rounding);
  }
  return count;
}

}  // namespace

absl::StatusOr<F16Rounding> WriteAsF16(TensorType type, std::span<const uint8_t> bytes, std::string_view tensor,
                                       FloatByteSink sink) {
  F16Rounding rounding = {.values = CountOf(type, bytes)};
  const uint64_t width = WidthOf(type);
  std::vector<uint8_t> out(kChunk * sizeof(F16));
  std::optional<HalfTable> table;
  if (type != TensorType::kF32) table.emplace(type);
  for (uint64_t begin = 0; begin < rounding.values; begin += kChunk) {
    const uint64_t count = std::min(kChunk, rounding.values - begin);
    const uint8_t* const in = bytes.data() + begin * width;
    const uint64_t good =
        table.has_value() ? table->Convert(in, count, out.data()) : ConvertF32(in, count, out.data(), &rounding);
    if (good < count) {
      const float value = ValueAt(type, in + good * width);
      return BadValue(tensor, begin + good, F16Problem(type, value), value);
    }
    BITNET_RETURN_IF_ERROR(sink(std::span(out).first(count * sizeof(F16))));
  }
  if (table.has_value()) table->AddTo(&rounding);
  return rounding;
}

absl::Status WriteAsF32(TensorType type, std::span<const uint8_t> bytes, std::string_view tensor, FloatByteSink sink) {
  const uint64_t width = WidthOf(type);
  const uint64_t values = CountOf(type, bytes);
  std::vector<uint8_t> out(kChunk * sizeof(float));
  for (uint64_t begin = 0; begin < values; begin += kChunk) {
    const uint64_t count = std::min(kChunk, values - begin);
    for (uint64_t i = 0; i < count; ++i) {
      const float value = ValueAt(type, bytes.data() + (begin + i) * width);
      if (!std::isfinite(value)) return BadValue(tensor, begin + i, "a finite number", value);
      std::memcpy(out.data() + i * sizeof(float), &value, sizeof(float));
    }
    BITNET_RETURN_IF_ERROR(sink(std::span(out).first(count * sizeof(float))));
  }
  return absl::OkStatus();
}

}  // namespace bitnet
