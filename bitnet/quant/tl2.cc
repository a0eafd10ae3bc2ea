#include "bitnet/quant/tl2.h"

#include <algorithm>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/quant/block_matrix.h"
#include "bitnet/quant/tl_kernels.h"
#include "bitnet/quant/tl_tensor.h"

namespace bitnet {
namespace {

constexpr int64_t kPieceBytes = 32;
constexpr int64_t kPieceCols = 6;  // of triples
constexpr int64_t kPairCols = 4;   // of a piece of pairs
constexpr int64_t kPairTileCols = 32;
constexpr int kMaxPair = 8;
constexpr int kMaxTriple = 13;

constexpr TlFormat kFormat = {"TL2", CheckTl2Tiling, DefaultTl2Tiling,
                              "rows in a multiple of 32, columns in a multiple of 8 and at least 256"};

// 16 rows, 0-7 and 16-23 or 8-15 and 24-31, of a tile of pairs.
TlPairStrip PairStripOf(const TlTiling& t) {
  return {.cells = kPairTileCols / kPairCols,
          .odd_cell = kPieceBytes,
          .cell_pair = 2 * kPieceBytes,
          .high_rows = 16,
          .stride = t.cols};
}

// Where things are in a tensor.
struct Layout {
  explicit Layout(const TlTiling& tiling) : t(tiling) {
    triple_cols = t.cols / t.bk * t.bk;
    signs = t.rows * (triple_cols / kPieceCols);
    pairs = signs + t.rows * (triple_cols / kTlUnitCols);
    zeros = pairs + t.rows * ((t.cols - triple_cols) / kPairCols);
  }
  // Rows of 32 before `row` inside its tile row, of pieces that take `bytes` for all columns of a tile.
  int64_t Band(int64_t row, int64_t bytes) const { return row % t.bm / kTlUnitRows * bytes; }
  int64_t Tile(int64_t row, int64_t col) const { return row / t.bm * (triple_cols / t.bk) + col / t.bk; }

  int64_t MagnitudeAt(int64_t row, int64_t col) const {  // col < triple_cols
    const int64_t pieces = t.bk / kPieceCols;
    return Tile(row, col) * t.bm * pieces + Band(row, pieces * kPieceBytes) + col % t.bk / kPieceCols * kPieceBytes +
           TlPieceByte(row % kTlUnitRows);
  }
  int64_t SignAt(int64_t row, int64_t col) const {  // the low byte of the word
    const int64_t pieces = t.bk / kTlUnitCols;
    return signs + Tile(row, col) * t.bm * pieces + Band(row, pieces * kPieceBytes) +
           col % t.bk / kTlUnitCols * kPieceBytes + row % 16 * 2;
  }
  int64_t PairAt(int64_t row, int64_t col) const {  // col >= triple_cols
    const int64_t pieces = kPairTileCols / kPairCols;
    const int64_t pair_col = col - triple_cols;
    const int64_t tile = row / t.bm * ((t.cols - triple_cols) / kPairTileCols) + pair_col / kPairTileCols;
    return pairs + tile * t.bm * pieces + Band(row, pieces * kPieceBytes) +
           pair_col % kPairTileCols / kPairCols * kPieceBytes + TlPieceByte(row % kTlUnitRows);
  }

  TlTiling t;
  int64_t triple_cols;
  int64_t signs, pairs, zeros;  // begin of each section
};

// Bytes before the tail, not yet rounded up.
uint64_t CodeBytes(int64_t rows, int64_t cols) {
  const uint64_t m = static_cast<uint64_t>(rows);
  const uint64_t wide = static_cast<uint64_t>(cols - kTl2MinCols);
  return wide * m / 3 * 5 / 8 + kTl2MinCols / 4 * m;
}

// 32 rows from `row` on -> trits [32 * cols]. Whether all codes are legal.
bool UnpackStrip(std::span<const uint8_t> data, const Layout& layout, const TlKernels& kernels, int64_t row,
                 std::span<int8_t> trits) {
  const TlTiling& t = layout.t;
  const TlTripleStrip triples = {.units = t.bk / kTlUnitCols, .stride = t.cols};
  const TlPairStrip pairs = PairStripOf(t);
  bool legal = true;
  for (int64_t col = 0; col < layout.triple_cols; col += t.bk) {
    legal &= kernels.unpack_triples(triples, data.data() + layout.MagnitudeAt(row, col),
                                    data.data() + layout.SignAt(row, col), trits.data() + col);
  }
  for (int64_t half = 0; half < 16; half += 8) {
    for (int64_t col = layout.triple_cols; col < t.cols; col += kPairTileCols) {
      legal &=
          kernels.unpack_pairs(pairs, data.data() + layout.PairAt(row + half, col), trits.data() + half * t.cols + col);
    }
  }
  return legal;
}

absl::Status CheckTriple(std::span<const uint8_t> data, const Layout& layout, std::string_view name, int64_t row,
                         int64_t col) {
  const int byte = data[layout.MagnitudeAt(row, col)];
  const int magnitude = col % kPieceCols == 0 ? byte >> 4 : byte & 15;
  if (magnitude > kMaxTriple) {
    return TlCodeError(kFormat, name, layout.t, row, col, 3, "a magnitude of 0 to 13", absl::StrCat(magnitude));
  }
  const uint8_t* word = &data[layout.SignAt(row, col)];
  const int64_t bit = 15 - col % kTlUnitCols / 3 * 2 - row % kTlUnitRows / 16;
  if (magnitude == 0 && ((word[0] | word[1] << 8) >> bit & 1) != 0) {
    return TlCodeError(kFormat, name, layout.t, row, col, 3, "no sign with magnitude 0", "one");
  }
  return absl::OkStatus();
}

absl::Status CheckPair(std::span<const uint8_t> data, const Layout& layout, std::string_view name, int64_t row,
                       int64_t col) {
  const int64_t low = (col - layout.triple_cols) % kPairCols;
  const int byte = data[layout.PairAt(row, col - low)];
  const int pair = low == 0 ? byte >> 4 : byte & 15;
  if (pair <= kMaxPair) return absl::OkStatus();
  return TlCodeError(kFormat, name, layout.t, row, col, 2, "0 to 8", absl::StrCat(pair));
}

// The first illegal code, by rows.
absl::Status FindIllegal(std::span<const uint8_t> data, const Layout& layout, std::string_view name) {
  for (int64_t row = 0; row < layout.t.rows; ++row) {
    for (int64_t col = 0; col < layout.triple_cols; col += 3) {
      BITNET_RETURN_IF_ERROR(CheckTriple(data, layout, name, row, col));
    }
    for (int64_t col = layout.triple_cols; col < layout.t.cols; col += 2) {
      BITNET_RETURN_IF_ERROR(CheckPair(data, layout, name, row, col));
    }
  }
  return absl::InternalError(
      absl::StrCat("tensor \"", name, "\": TL2 kernels found an illegal code that is not there"));
}

// What the converter fills up with zeros. The bytes that round up to 32 are not its, and mean nothing.
absl::Status CheckZeros(std::span<const uint8_t> data, const Layout& layout, std::string_view name) {
  const uint64_t end = CodeBytes(layout.t.rows, layout.t.cols);
  for (uint64_t i = layout.zeros; i < end; ++i) {
    if (data[i] == 0) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor \"", name, "\", byte ", i, ": TL2: expected zeros from byte ", layout.zeros, " to ", end, ", got ",
        data[i], "; the file is damaged, or was not written with tiling ", TilingText(layout.t)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTl2Shape(int64_t rows, int64_t cols, const CodecParams& params) {
  return CheckTlShape(kFormat, rows, cols, params);
}

uint64_t Tl2Size(int64_t rows, int64_t cols) {
  return (CodeBytes(rows, cols) + kTlTailBytes - 1) / kTlTailBytes * kTlTailBytes + kTlTailBytes;
}

absl::Status PackTl2(std::span<const int8_t> trits, int64_t rows, int64_t cols, float scale, const CodecParams& params,
                     std::span<uint8_t> data) {
  BITNET_RETURN_IF_ERROR(CheckTl2Shape(rows, cols, params));
  BITNET_RETURN_IF_ERROR(CheckTlScale(kFormat, scale));
  CHECK_EQ(trits.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols));
  CHECK_EQ(data.size(), Tl2Size(rows, cols));
  const TlTiling& t = *params.tiling;
  const Layout layout(t);
  const TlKernels& kernels = SelectTlKernels(params.isa);
  const TlTripleStrip triples = {.units = t.bk / kTlUnitCols, .stride = cols};
  const TlPairStrip pairs = PairStripOf(t);
  bool legal = true;
  for (int64_t row = 0; row < rows; row += kTlUnitRows) {
    for (int64_t col = 0; col < layout.triple_cols; col += t.bk) {
      legal &= kernels.pack_triples(triples, trits.data() + row * cols + col,
                                    data.data() + layout.MagnitudeAt(row, col), data.data() + layout.SignAt(row, col));
    }
    for (int64_t half = row; half < row + 16; half += 8) {
      for (int64_t col = layout.triple_cols; col < cols; col += kPairTileCols) {
        legal &= kernels.pack_pairs(pairs, trits.data() + half * cols + col, data.data() + layout.PairAt(half, col));
      }
    }
  }
  CHECK(legal) << "a weight outside {-1, 0, +1}";
  std::fill(data.begin() + layout.zeros, data.end(), 0);
  WriteTlTail(scale, data);
  return absl::OkStatus();
}

absl::StatusOr<float> UnpackTl2(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                std::string_view name, std::span<int8_t> trits) {
  BITNET_RETURN_IF_ERROR(CheckTlData(kFormat, rows, cols, params, name, data.size(), Tl2Size(rows, cols)));
  CHECK_EQ(trits.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols));
  const Layout layout(*params.tiling);
  const TlKernels& kernels = SelectTlKernels(params.isa);
  bool legal = true;
  for (int64_t row = 0; row < rows; row += kTlUnitRows) {
    legal &= UnpackStrip(data, layout, kernels, row, trits.subspan(row * cols, kTlUnitRows * cols));
  }
  if (!legal) return FindIllegal(data, layout, name);
  BITNET_RETURN_IF_ERROR(CheckZeros(data, layout, name));
  return ReadTlScale(kFormat, name, data);
}

absl::StatusOr<float> RepackTl2(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                std::string_view name, std::span<uint8_t> packed) {
  BITNET_RETURN_IF_ERROR(CheckTlData(kFormat, rows, cols, params, name, data.size(), Tl2Size(rows, cols)));
  CHECK_EQ(packed.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols) / 4);
  const Layout layout(*params.tiling);
  const TlKernels& kernels = SelectTlKernels(params.isa);
  AlignedBuffer<int8_t> trits(static_cast<size_t>(kTlUnitRows * cols));
  for (int64_t row = 0; row < rows; row += kTlUnitRows) {
    if (!UnpackStrip(data, layout, kernels, row, trits.span())) return FindIllegal(data, layout, name);
    PackI2sCodes(trits.span(), params.isa, packed.subspan(row * cols / 4, kTlUnitRows * cols / 4));
  }
  BITNET_RETURN_IF_ERROR(CheckZeros(data, layout, name));
  return ReadTlScale(kFormat, name, data);
}

}  // namespace bitnet
