// TL2: Microsoft's ternary tensor for look-up tables on x86 (ggml type 39 of the bitnet.cpp fork; upstream gave 39 to
// another type).
//
// Three weights are a number 9 * w0 + 3 * w1 + w2: its magnitude (0..13; 14 and 15 do not exist) is a nibble, its sign
// a bit elsewhere, 5/3 bits a weight. Columns [0, K3), K3 = cols / bk * bk, are stored so; the rest as pairs, in
// nibbles 3 * w0 + w1 + 4 (0..8). The sections follow each other:
//
//      | rows * K3 / 6 bytes of magnitudes | rows * K3 / 24 of signs | rows * (cols - K3) / 4 of pairs |
//      | zeros | f32 scale, little-endian | 28 bytes that mean nothing |
//
//      magnitudes: [rows / bm][K3 / bk] of tiles -> [bm / 32][bk / 6] pieces of 32 bytes: 32 rows x 6 columns, the
//                  first three columns in the high nibble
//      signs:      the same tiles -> [bm / 32][bk / 24] of 16 little-endian words: 32 rows x 24 columns. Triple t
//                  (0..7) of row j is bit 15 - 2t of word j, of row j + 16 it is bit 14 - 2t. 1: below zero
//      pairs:      [rows / bm][(cols - K3) / 32] of tiles -> [bm / 32][8] pieces of 32 bytes: 32 rows x 4 columns,
//                  the first two in the high nibble
//      a piece:    | rows 0-7 | rows 16-23 | rows 8-15 | rows 24-31 |
//
// All but the tail takes (cols - 256) * rows / 3 * 5 / 8 + 64 * rows bytes, each division rounded down, and then
// rounded up to 32: the size for 256 columns of pairs, whatever K3. The tiling (bm, bk) is not in these bytes; one with
// another bk can be noticed, by illegal codes or codes among the zeros, one with another bm reads another matrix.

#ifndef BITNET_QUANT_TL2_H_
#define BITNET_QUANT_TL2_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/quant/codec.h"

namespace bitnet {

// The members of a TernaryCodec; params.tiling is required. rows and cols are what CheckTl2Tiling wants. A sign of a
// zero is refused: its trits would not give these bytes again.
absl::Status CheckTl2Shape(int64_t rows, int64_t cols, const CodecParams& params);
uint64_t Tl2Size(int64_t rows, int64_t cols);
absl::Status PackTl2(std::span<const int8_t> trits, int64_t rows, int64_t cols, float scale, const CodecParams& params,
                     std::span<uint8_t> data);
absl::StatusOr<float> UnpackTl2(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                std::string_view name, std::span<int8_t> trits);
// cols a multiple of 128. Holds the trits of 32 rows at a time.
absl::StatusOr<float> RepackTl2(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                std::string_view name, std::span<uint8_t> packed);

}  // namespace bitnet

#endif  // BITNET_QUANT_TL2_H_
