// What TL1 and TL2 share around their codes: the tiling in CodecParams, the scale in the tail, errors.

#ifndef BITNET_QUANT_TL_TENSOR_H_
#define BITNET_QUANT_TL_TENSOR_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/quant/codec.h"

namespace bitnet {

// The last bytes of a tensor: a little-endian binary32 and padding.
inline constexpr int64_t kTlTailBytes = 32;

struct TlFormat {
  std::string_view name;  // "TL1", in errors
  absl::Status (*check)(const TlTiling& tiling);
  std::optional<TlTiling> (*default_tiling)(int64_t rows, int64_t cols);
  std::string_view shapes;  // which shapes have a tiling at all
};

// FailedPrecondition: params has no tiling. InvalidArgument: no tiling can fit, params has that of another shape, or
// one that does not fit.
absl::Status CheckTlShape(const TlFormat& format, int64_t rows, int64_t cols, const CodecParams& params);

// The same and the size of the data to be unpacked, with the tensor's name.
absl::Status CheckTlData(const TlFormat& format, int64_t rows, int64_t cols, const CodecParams& params,
                         std::string_view name, uint64_t size, uint64_t expected_size);

// InvalidArgument unless IsTernaryScale.
absl::Status CheckTlScale(const TlFormat& format, float scale);

// Writes the scale to the tail of a tensor's data, zeros after it.
void WriteTlTail(float scale, std::span<uint8_t> data);

// The scale of a tensor's data; bytes after it mean nothing. InvalidArgument as in CheckTlScale, with the tensor's
// name.
absl::StatusOr<float> ReadTlScale(const TlFormat& format, std::string_view name, std::span<const uint8_t> data);

// The error of an illegal code: of `count` columns from `col` on.
absl::Status TlCodeError(const TlFormat& format, std::string_view name, const TlTiling& tiling, int64_t row,
                         int64_t col, int count, std::string_view expected, std::string_view got);

}  // namespace bitnet

#endif  // BITNET_QUANT_TL_TENSOR_H_
