#include "bitnet/quant/tl_tensor.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "bitnet/quant/ternary_scale.h"

namespace bitnet {

absl::Status CheckTlShape(const TlFormat& format, int64_t rows, int64_t cols, const CodecParams& params) {
  if (params.tiling == nullptr) {
    if (!format.default_tiling(rows, cols).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(format.name, " cannot store a matrix of ", rows, "x", cols,
                                                     ": no tiling fits; expected ", format.shapes,
                                                     "; choose another format"));
    }
    return absl::FailedPreconditionError(
        absl::StrCat(format.name, " of a ", rows, "x", cols,
                     " matrix needs its tiling, and neither metadata bitnet.ternary.tilings nor a kernel_config has "
                     "one; give the kernel_config.ini that the file was made with"));
  }
  const TlTiling& tiling = *params.tiling;
  if (tiling.rows != rows || tiling.cols != cols) {
    return absl::InvalidArgumentError(absl::StrCat(
        format.name, " of a ", rows, "x", cols, " matrix: expected a tiling of this shape, got ", TilingText(tiling)));
  }
  return format.check(tiling);
}

absl::Status CheckTlData(const TlFormat& format, int64_t rows, int64_t cols, const CodecParams& params,
                         std::string_view name, uint64_t size, uint64_t expected_size) {
  if (absl::Status status = CheckTlShape(format, rows, cols, params); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat("tensor \"", name, "\": ", status.message()));
  }
  if (size != expected_size) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\": ", format.name, " of ", rows, "x", cols,
                                                   ": expected ", expected_size, " bytes, got ", size));
  }
  return absl::OkStatus();
}

absl::Status CheckTlScale(const TlFormat& format, float scale) {
  if (IsTernaryScale(scale)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(format.name, " scale: expected a finite number >= 0, got ", scale));
}

void WriteTlTail(float scale, std::span<uint8_t> data) {
  const std::span<uint8_t> tail = data.last(kTlTailBytes);
  std::memset(tail.data(), 0, tail.size());
  std::memcpy(tail.data(), &scale, sizeof(scale));
}

absl::StatusOr<float> ReadTlScale(const TlFormat& format, std::string_view name, std::span<const uint8_t> data) {
  const size_t at = data.size() - kTlTailBytes;
  float scale;
  std::memcpy(&scale, data.data() + at, sizeof(scale));
  if (const absl::Status status = CheckTlScale(format, scale); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor \"", name, "\", byte ", at, ": ", status.message(), "; the file is damaged"));
  }
  return scale;
}

absl::Status TlCodeError(const TlFormat& format, std::string_view name, const TlTiling& tiling, int64_t row,
                         int64_t col, int count, std::string_view expected, std::string_view got) {
  return absl::InvalidArgumentError(
      absl::StrCat("tensor \"", name, "\": ", format.name, " code of row ", row, ", columns ", col, " to ",
                   col + count - 1, ": expected ", expected, ", got ", got,
                   "; the file is damaged, or was not written with tiling ", TilingText(tiling)));
}

}  // namespace bitnet
