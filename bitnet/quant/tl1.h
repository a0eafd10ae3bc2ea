// TL1: Microsoft's ternary tensor for look-up tables on Arm (ggml type 38 of the bitnet.cpp fork).
//
// Two weights are a nibble 3 * w0 + w1 + 4 (0..8; 9 to 15 do not exist), four columns of a row a byte, the first two
// in the high nibble. The matrix is cut into tiles of bm rows x bk columns, a tile into bands of bmm rows, a band into
// blocks of 256 / bmm columns, 64 bytes each. 16 bytes, a cell, are four columns of 16 successive rows:
//
//      matrix [rows / bm][cols / bk] of tiles -> tile [bm / bmm] of bands -> band [bk * bmm / 256] of blocks
//
//      bmm 32, block of 8 columns:  | rows 0-15, cols 0-3 | rows 0-15, cols 4-7 | rows 16-31, cols 0-3 | ..., 4-7 |
//      bmm 64, block of 4 columns:  | rows 0-15           | rows 16-31          | rows 32-47           | 48-63    |
//
//      tensor:  | rows * cols / 4 bytes of codes | f32 scale, little-endian | 28 bytes that mean nothing |
//
// The tiling (bm, bk, bmm) is not in these bytes, and every tiling reads every tensor, as another matrix.

#ifndef BITNET_QUANT_TL1_H_
#define BITNET_QUANT_TL1_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/quant/codec.h"

namespace bitnet {

// The members of a TernaryCodec; params.tiling is required. rows and cols are what CheckTl1Tiling wants.
absl::Status CheckTl1Shape(int64_t rows, int64_t cols, const CodecParams& params);
uint64_t Tl1Size(int64_t rows, int64_t cols);
absl::Status PackTl1(std::span<const int8_t> trits, int64_t rows, int64_t cols, float scale, const CodecParams& params,
                     std::span<uint8_t> data);
absl::StatusOr<float> UnpackTl1(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                std::string_view name, std::span<int8_t> trits);
// cols a multiple of 128. Holds the trits of 16 rows at a time.
absl::StatusOr<float> RepackTl1(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                std::string_view name, std::span<uint8_t> packed);

}  // namespace bitnet

#endif  // BITNET_QUANT_TL1_H_
