// TlTiling: how TL1 and TL2 cut one matrix into tiles. Microsoft's converter takes it from a kernel_config.ini that is
// made for one model and one CPU and is not in the file; files written here carry it in metadata.

#ifndef BITNET_QUANT_TL_TILING_H_
#define BITNET_QUANT_TL_TILING_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bitnet {

struct TlTiling {
  int64_t rows = 0;  // M of the matrix that this is for
  int64_t cols = 0;  // K
  int32_t bm = 0;    // rows of a tile
  int32_t bk = 0;    // columns of a tile
  int32_t bmm = 0;   // rows that one kernel call holds in registers
  bool operator==(const TlTiling&) const = default;
};

// "2560x6912 (bm 160, bk 64, bmm 32)".
std::string TilingText(const TlTiling& tiling);

// More tilings than any model has shapes.
inline constexpr size_t kMaxTilings = 256;

// TL2 is at least this wide: the size of a tensor is reckoned as if so many columns were pairs.
inline constexpr int64_t kTl2MinCols = 256;

// Whether TL1 can store a matrix so. InvalidArgument names the number that does not divide. What must hold:
// bmm 32 or 64; bm a multiple of bmm, rows of bm; bk a multiple of 256 / bmm, cols of bk; all above 0.
absl::Status CheckTl1Tiling(const TlTiling& tiling);

// The same for TL2: bmm 32; bm a multiple of 32, rows of bm; bk a multiple of 24; at least one bk and at least
// kTl2MinCols columns; the columns that whole bk leave are a multiple of 32, at most 256.
absl::Status CheckTl2Tiling(const TlTiling& tiling);

// The tiling a writer uses when nobody says otherwise: the largest of the sizes that Microsoft's presets have, then
// smaller ones. A function of the shape alone. nullopt: no tiling at all fits.
std::optional<TlTiling> DefaultTl1Tiling(int64_t rows, int64_t cols);
std::optional<TlTiling> DefaultTl2Tiling(int64_t rows, int64_t cols);

// The tiling of a shape; nullptr when there is none.
const TlTiling* FindTiling(std::span<const TlTiling> tilings, int64_t rows, int64_t cols);

// The value of metadata key bitnet.ternary.tilings: rows, cols, bm, bk, bmm of each tiling after each other.
// InvalidArgument: a count that is no multiple of 5, more than kMaxTilings, a number below 1, a shape that occurs
// twice. Whether a tiling fits its shape depends on the format and is not checked here.
absl::StatusOr<std::vector<TlTiling>> TilingsFromInts(std::span<const int32_t> ints);

// The inverse, with the same limits; OutOfRange for a shape beyond 32 bits.
absl::StatusOr<std::vector<int32_t>> TilingsToInts(std::span<const TlTiling> tilings);

}  // namespace bitnet

#endif  // BITNET_QUANT_TL_TILING_H_
