// Matrices in a BlockFormat: the members of a TernaryCodec, for any such format (bitnet/quant/codec.h has the
// contract), and the repack to I2_S codes without a copy of the trits.

#ifndef BITNET_QUANT_BLOCK_MATRIX_H_
#define BITNET_QUANT_BLOCK_MATRIX_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/block_format.h"
#include "bitnet/quant/codec.h"

namespace bitnet {

absl::Status CheckBlockShape(const BlockFormat& format, int64_t rows, int64_t cols);

uint64_t BlockMatrixSize(const BlockFormat& format, int64_t rows, int64_t cols);

absl::Status PackBlockMatrix(const BlockFormat& format, std::span<const int8_t> trits, int64_t rows, int64_t cols,
                             float scale, const CodecParams& params, std::span<uint8_t> data);

absl::StatusOr<float> UnpackBlockMatrix(const BlockFormat& format, std::span<const uint8_t> data, int64_t rows,
                                        int64_t cols, const CodecParams& params, std::string_view name,
                                        std::span<int8_t> trits);

// packed [rows * cols / 4] (CHECK): I2_S codes without tail; cols a multiple of 128 (CHECK). Errors as of unpack.
absl::StatusOr<float> RepackBlockMatrix(const BlockFormat& format, std::span<const uint8_t> data, int64_t rows,
                                        int64_t cols, const CodecParams& params, std::string_view name,
                                        std::span<uint8_t> packed);

// trits [n], each -1, 0 or +1 (CHECK), n a multiple of 128, to I2_S codes packed [n / 4] (CHECK).
void PackI2sCodes(std::span<const int8_t> trits, IsaSet isa, std::span<uint8_t> packed);

}  // namespace bitnet

#endif  // BITNET_QUANT_BLOCK_MATRIX_H_
