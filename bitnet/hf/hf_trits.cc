#include "bitnet/hf/hf_trits.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/hf/hf_floats.h"
#include "bitnet/quant/ternary_scale.h"

namespace bitnet {
namespace {

// Packed bytes taken at once: they stay in the nearest cache for the four passes that they feed.
constexpr size_t kChunk = 16384;

// Bit 1 of a code set together with bit 0: code 3, of four codes at once.
constexpr uint8_t kLowBits = 0x55;

absl::Status IllegalCode(std::span<const uint8_t> packed, int64_t rows, int64_t cols, std::string_view name) {
  const int64_t quarter = rows / 4;
  for (int64_t row = 0; row < rows; ++row) {
    const int shift = static_cast<int>(row / quarter) * 2;
    for (int64_t col = 0; col < cols; ++col) {
      if ((packed[row % quarter * cols + col] >> shift & 3) != 3) continue;
      return absl::InvalidArgumentError(absl::StrCat("tensor ", name, ": row ", row, ", column ", col,
                                                     ": expected code 0, 1 or 2, got 3 (byte ",
                                                     row % quarter * cols + col, ")"));
    }
  }
  return absl::InternalError(absl::StrCat("tensor ", name, ": an illegal code was seen and is not there"));
}

}  // namespace

absl::Status UnpackHfTrits(std::span<const uint8_t> packed, int64_t rows, int64_t cols, std::string_view name,
                           std::span<int8_t> trits) {
  CHECK_EQ(rows % 4, 0) << name;
  CHECK_EQ(packed.size(), static_cast<size_t>(rows / 4 * cols)) << name;
  CHECK_EQ(trits.size(), static_cast<size_t>(rows * cols)) << name;
  const size_t quarter = packed.size();
  uint8_t illegal = 0;
  for (size_t begin = 0; begin < quarter; begin += kChunk) {
    const size_t count = std::min<size_t>(kChunk, quarter - begin);
    const uint8_t* const in = packed.data() + begin;
    for (size_t i = 0; i < count; ++i) illegal |= static_cast<uint8_t>(in[i] & (in[i] >> 1) & kLowBits);
    for (int s = 0; s < 4; ++s) {
      int8_t* const out = trits.data() + static_cast<size_t>(s) * quarter + begin;
      const int shift = 2 * s;
      for (size_t i = 0; i < count; ++i) out[i] = static_cast<int8_t>((in[i] >> shift & 3) - 1);
    }
  }
  return illegal == 0 ? absl::OkStatus() : IllegalCode(packed, rows, cols, name);
}

absl::StatusOr<float> ReadHfScale(const SafetensorsTensor& tensor, HfScale meaning) {
  BITNET_ASSIGN_OR_RETURN(const float value, ReadHfNumber(tensor));
  const float scale = meaning == HfScale::kDirect ? value : 1.0f / value;
  if (IsTernaryScale(value) && IsTernaryScale(scale)) return scale;
  return absl::InvalidArgumentError(absl::StrCat(
      "tensor ", tensor.name,
      meaning == HfScale::kDirect ? ": expected a scale, finite and not negative, got "
                                  : ": expected an inverse scale, positive and with a finite reciprocal, got ",
      value));
}

void InterleaveRopeRows(std::span<int8_t> trits, int64_t rows, int64_t cols, int64_t heads) {
  CHECK(heads > 0 && rows % (2 * heads) == 0) << rows << " rows, " << heads << " heads";
  CHECK_EQ(trits.size(), static_cast<size_t>(rows * cols));
  const int64_t head_rows = rows / heads;
  const int64_t half = head_rows / 2;
  std::vector<int8_t> head(static_cast<size_t>(head_rows * cols));
  for (int64_t h = 0; h < heads; ++h) {
    int8_t* const place = trits.data() + h * head_rows * cols;
    std::memcpy(head.data(), place, head.size());
    for (int64_t row = 0; row < head_rows; ++row) {
      const int64_t from = row % 2 * half + row / 2;
      std::memcpy(place + row * cols, head.data() + from * cols, static_cast<size_t>(cols));
    }
  }
}

}  // namespace bitnet
