// Float weights to the bytes of a ternary format and back. The same bytes and values on every instruction set.

#ifndef BITNET_QUANT_QUANTIZE_MATRIX_H_
#define BITNET_QUANT_QUANTIZE_MATRIX_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/float_view.h"
#include "bitnet/quant/quantization_error.h"
#include "bitnet/quant/quantize.h"

namespace bitnet {

// All work in chunks of whole rows that fit the nearest caches, but for TL1 and TL2, whose tiles need the whole matrix
// as trits, one byte a weight.

// values [rows * cols] (CHECK) -> data [codec.size(rows, cols)] (CHECK), every byte written; returns the exact binary32
// scale, which formats with binary16 scales hold rounded. Errors of check_shape, QuantizationScale and pack; a format
// without zeros names the first value that became one.
absl::StatusOr<float> Quantize(const TernaryCodec& codec, const FloatView& values, int64_t rows, int64_t cols,
                               QuantizeMethod method, const CodecParams& params, std::span<uint8_t> data);

// data -> values [rows * cols] (CHECK); returns the scale. Errors of check_shape and unpack.
absl::StatusOr<float> Dequantize(const TernaryCodec& codec, std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                 const CodecParams& params, std::string_view name, std::span<float> values);

// How far `data` is from the values [rows * cols] (CHECK) that it was made of. Errors of Dequantize, and
// InvalidArgument for values that are NaN or infinite.
absl::StatusOr<QuantizationError> MeasureQuantization(const TernaryCodec& codec, const FloatView& values,
                                                      std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                                      const CodecParams& params, std::string_view name);

}  // namespace bitnet

#endif  // BITNET_QUANT_QUANTIZE_MATRIX_H_
