#include "bitnet/quant/tl1.h"

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/quant/block_matrix.h"
#include "bitnet/quant/tl_kernels.h"
#include "bitnet/quant/tl_tensor.h"

namespace bitnet {
namespace {

constexpr int64_t kCellBytes = 16;
constexpr int64_t kCellCols = 4;
constexpr int64_t kBlockWeights = 256;
constexpr int64_t kBlockBytes = 64;
constexpr int kMaxPair = 8;

constexpr TlFormat kFormat = {
    "TL1", CheckTl1Tiling, DefaultTl1Tiling,
    "rows in a multiple of 32 and columns in one of 8, or rows in a multiple of 64 and columns in one of 4"};

// Where the codes of (row, col..col + 3) are, col a multiple of 4.
int64_t ByteAt(const TlTiling& t, int64_t row, int64_t col) {
  const int64_t tile = row / t.bm * (t.cols / t.bk) + col / t.bk;
  const int64_t tile_row = row % t.bm;
  const int64_t tile_col = col % t.bk;
  const int64_t block_cols = kBlockWeights / t.bmm;
  const int64_t cell_in_block =
      tile_row % t.bmm / kTlCellRows * (block_cols / kCellCols) + tile_col % block_cols / kCellCols;
  return tile * t.bm * t.bk / kCellCols + tile_row / t.bmm * t.bmm * t.bk / kCellCols +
         tile_col / block_cols * kBlockBytes + cell_in_block * kCellBytes + row % kTlCellRows;
}

// 16 rows of a tile.
TlPairStrip StripOf(const TlTiling& t) {
  const int64_t cells_in_block = kBlockWeights / t.bmm / kCellCols;  // 2 or 1
  return {.cells = t.bk / kCellCols,
          .odd_cell = cells_in_block == 2 ? kCellBytes : kBlockBytes,
          .cell_pair = cells_in_block == 2 ? kBlockBytes : 2 * kBlockBytes,
          .high_rows = 8,
          .stride = t.cols};
}

// 16 rows from `row` on -> trits [16 * cols]. Whether all codes are legal.
bool UnpackStrip(std::span<const uint8_t> data, const TlTiling& t, const TlKernels& kernels, int64_t row,
                 std::span<int8_t> trits) {
  const TlPairStrip strip = StripOf(t);
  bool legal = true;
  for (int64_t col = 0; col < t.cols; col += t.bk) {
    legal &= kernels.unpack_pairs(strip, data.data() + ByteAt(t, row, col), trits.data() + col);
  }
  return legal;
}

// The first illegal code, by rows.
absl::Status FindIllegal(std::span<const uint8_t> data, const TlTiling& t, std::string_view name) {
  for (int64_t row = 0; row < t.rows; ++row) {
    for (int64_t col = 0; col < t.cols; col += 2) {
      const int byte = data[ByteAt(t, row, col - col % kCellCols)];
      const int pair = col % kCellCols == 0 ? byte >> 4 : byte & 15;
      if (pair > kMaxPair) return TlCodeError(kFormat, name, t, row, col, 2, "0 to 8", absl::StrCat(pair));
    }
  }
  return absl::InternalError(
      absl::StrCat("tensor \"", name, "\": TL1 kernels found an illegal code that is not there"));
}

}  // namespace

absl::Status CheckTl1Shape(int64_t rows, int64_t cols, const CodecParams& params) {
  return CheckTlShape(kFormat, rows, cols, params);
}

uint64_t Tl1Size(int64_t rows, int64_t cols) {
  return static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols) / 4 + kTlTailBytes;
}

absl::Status PackTl1(std::span<const int8_t> trits, int64_t rows, int64_t cols, float scale, const CodecParams& params,
                     std::span<uint8_t> data) {
  BITNET_RETURN_IF_ERROR(CheckTl1Shape(rows, cols, params));
  BITNET_RETURN_IF_ERROR(CheckTlScale(kFormat, scale));
  CHECK_EQ(trits.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols));
  CHECK_EQ(data.size(), Tl1Size(rows, cols));
  const TlTiling& t = *params.tiling;
  const TlKernels& kernels = SelectTlKernels(params.isa);
  const TlPairStrip strip = StripOf(t);
  bool legal = true;
  for (int64_t row = 0; row < rows; row += kTlCellRows) {
    for (int64_t col = 0; col < cols; col += t.bk) {
      legal &= kernels.pack_pairs(strip, trits.data() + row * cols + col, data.data() + ByteAt(t, row, col));
    }
  }
  CHECK(legal) << "a weight outside {-1, 0, +1}";
  WriteTlTail(scale, data);
  return absl::OkStatus();
}

absl::StatusOr<float> UnpackTl1(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                std::string_view name, std::span<int8_t> trits) {
  BITNET_RETURN_IF_ERROR(CheckTlData(kFormat, rows, cols, params, name, data.size(), Tl1Size(rows, cols)));
  CHECK_EQ(trits.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols));
  const TlTiling& t = *params.tiling;
  const TlKernels& kernels = SelectTlKernels(params.isa);
  bool legal = true;
  for (int64_t row = 0; row < rows; row += kTlCellRows) {
    legal &= UnpackStrip(data, t, kernels, row, trits.subspan(row * cols, kTlCellRows * cols));
  }
  if (!legal) return FindIllegal(data, t, name);
  return ReadTlScale(kFormat, name, data);
}

absl::StatusOr<float> RepackTl1(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                std::string_view name, std::span<uint8_t> packed) {
  BITNET_RETURN_IF_ERROR(CheckTlData(kFormat, rows, cols, params, name, data.size(), Tl1Size(rows, cols)));
  CHECK_EQ(packed.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols) / 4);
  const TlTiling& t = *params.tiling;
  const TlKernels& kernels = SelectTlKernels(params.isa);
  AlignedBuffer<int8_t> trits(static_cast<size_t>(kTlCellRows * cols));
  for (int64_t row = 0; row < rows; row += kTlCellRows) {
    if (!UnpackStrip(data, t, kernels, row, trits.span())) return FindIllegal(data, t, name);
    PackI2sCodes(trits.span(), params.isa, packed.subspan(row * cols / 4, kTlCellRows * cols / 4));
  }
  return ReadTlScale(kFormat, name, data);
}

}  // namespace bitnet
