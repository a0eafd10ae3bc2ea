#include "bitnet/quant/tl_tiling.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

constexpr int kNumbers = 5;  // of a tiling in metadata
constexpr int64_t kMaxSide = std::numeric_limits<int32_t>::max();

// TL1: a register block is bmm rows x 256 / bmm columns. TL2: always 32 rows x 6 columns of triples, signs in pieces
// of 24 columns, and 32 rows x 32 columns of pairs.
constexpr int32_t kTl1Block = 256;
constexpr int32_t kTl2Bmm = 32;
constexpr int32_t kTl2SignCols = 24;
constexpr int32_t kTl2PairCols = 32;
// More columns of pairs than the size formula reckons with would not fit in the tensor.
constexpr int64_t kTl2MaxPairCols = 256;

// In order of preference.
constexpr int32_t kBms[] = {320, 256, 160, 128, 64, 32};
constexpr int32_t kTl1Bks[] = {128, 64, 32, 16, 8, 4};
constexpr int32_t kTl1Bmms[] = {64, 32};
constexpr int32_t kTl2Bks[] = {96, 192};
// Bounds the search for a tile width; one tile of all triples ends it.
constexpr int64_t kTl2MostTiles = 1024;

template <typename... What>
absl::Status Wrong(std::string_view format, const TlTiling& tiling, const What&... what) {
  return absl::InvalidArgumentError(
      absl::StrCat(format, " tiling ", TilingText(tiling), ": ", what..., "; give a tiling that fits the shape"));
}

absl::Status CheckNumbers(std::string_view format, const TlTiling& t) {
  for (const auto& [name, value] : {std::pair<const char*, int64_t>{"rows", t.rows},
                                    {"cols", t.cols},
                                    {"bm", t.bm},
                                    {"bk", t.bk},
                                    {"bmm", t.bmm}}) {
    if (value < 1 || value > kMaxSide) {
      return Wrong(format, t, name, ": expected 1 to ", kMaxSide, ", got ", value);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRows(std::string_view format, const TlTiling& t) {
  if (t.bm % t.bmm != 0) return Wrong(format, t, "bm: expected a multiple of bmm ", t.bmm, ", got ", t.bm);
  if (t.rows % t.bm != 0) return Wrong(format, t, "rows: expected a multiple of bm ", t.bm, ", got ", t.rows);
  return absl::OkStatus();
}

absl::Status CheckOnlyShape(std::span<const TlTiling> tilings, const TlTiling& added, size_t index) {
  if (FindTiling(tilings, added.rows, added.cols) == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("tiling ", index, ": shape ", added.rows, "x", added.cols, " has a tiling already; keep one"));
}

absl::Status CheckCount(size_t count) {
  if (count <= kMaxTilings) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("tilings: expected at most ", kMaxTilings, ", got ", count));
}

}  // namespace

std::string TilingText(const TlTiling& t) {
  return absl::StrCat(t.rows, "x", t.cols, " (bm ", t.bm, ", bk ", t.bk, ", bmm ", t.bmm, ")");
}

absl::Status CheckTl1Tiling(const TlTiling& t) {
  BITNET_RETURN_IF_ERROR(CheckNumbers("TL1", t));
  if (t.bmm != 32 && t.bmm != 64) return Wrong("TL1", t, "bmm: expected 32 or 64, got ", t.bmm);
  BITNET_RETURN_IF_ERROR(CheckRows("TL1", t));
  const int32_t block_cols = kTl1Block / t.bmm;
  if (t.bk % block_cols != 0) {
    return Wrong("TL1", t, "bk: expected a multiple of 256 / bmm = ", block_cols, ", got ", t.bk);
  }
  if (t.cols % t.bk != 0) return Wrong("TL1", t, "cols: expected a multiple of bk ", t.bk, ", got ", t.cols);
  return absl::OkStatus();
}

absl::Status CheckTl2Tiling(const TlTiling& t) {
  BITNET_RETURN_IF_ERROR(CheckNumbers("TL2", t));
  if (t.bmm != kTl2Bmm) return Wrong("TL2", t, "bmm: expected ", kTl2Bmm, ", got ", t.bmm);
  BITNET_RETURN_IF_ERROR(CheckRows("TL2", t));
  if (t.bk % kTl2SignCols != 0) {
    return Wrong("TL2", t, "bk: expected a multiple of ", kTl2SignCols, ", got ", t.bk);
  }
  if (t.cols < kTl2MinCols) return Wrong("TL2", t, "cols: expected at least ", kTl2MinCols, ", got ", t.cols);
  if (t.cols < t.bk) return Wrong("TL2", t, "cols: expected at least bk ", t.bk, ", got ", t.cols);
  const int64_t pair_cols = t.cols % t.bk;
  if (pair_cols % kTl2PairCols != 0 || pair_cols > kTl2MaxPairCols) {
    return Wrong("TL2", t, "cols mod bk: expected a multiple of ", kTl2PairCols, ", at most ", kTl2MaxPairCols,
                 ", got ", pair_cols);
  }
  return absl::OkStatus();
}

std::optional<TlTiling> DefaultTl1Tiling(int64_t rows, int64_t cols) {
  for (const int32_t bm : kBms) {
    for (const int32_t bk : kTl1Bks) {
      for (const int32_t bmm : kTl1Bmms) {
        const TlTiling tiling{rows, cols, bm, bk, bmm};
        if (CheckTl1Tiling(tiling).ok()) return tiling;
      }
    }
  }
  return std::nullopt;
}

std::optional<TlTiling> DefaultTl2Tiling(int64_t rows, int64_t cols) {
  if (rows < 1 || rows > kMaxSide || cols < kTl2MinCols || cols > kMaxSide) return std::nullopt;
  for (const int32_t bm : kBms) {
    if (rows % bm != 0) continue;
    for (const int32_t bk : kTl2Bks) {
      const TlTiling tiling{rows, cols, bm, bk, kTl2Bmm};
      if (CheckTl2Tiling(tiling).ok()) return tiling;
    }
    // When cols is a multiple of 8, pairs in one of 0, 32 and 64 columns leave a multiple of 24; else no number does.
    for (int64_t pair_cols = 0; pair_cols <= 2 * kTl2PairCols; pair_cols += kTl2PairCols) {
      const int64_t triple_cols = cols - pair_cols;
      if (triple_cols % kTl2SignCols != 0) continue;
      for (int64_t tiles = triple_cols / kTl2SignCols; tiles >= 1; --tiles) {
        if (tiles > kTl2MostTiles) tiles = kTl2MostTiles;
        if (triple_cols % (tiles * kTl2SignCols) != 0) continue;
        const TlTiling tiling{rows, cols, bm, static_cast<int32_t>(triple_cols / tiles), kTl2Bmm};
        if (CheckTl2Tiling(tiling).ok()) return tiling;
      }
    }
  }
  return std::nullopt;
}

const TlTiling* FindTiling(std::span<const TlTiling> tilings, int64_t rows, int64_t cols) {
  for (const TlTiling& tiling : tilings) {
    if (tiling.rows == rows && tiling.cols == cols) return &tiling;
  }
  return nullptr;
}

absl::StatusOr<std::vector<TlTiling>> TilingsFromInts(std::span<const int32_t> ints) {
  if (ints.size() % kNumbers != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tilings: expected ", kNumbers, " numbers for each (rows, cols, bm, bk, bmm), got ", ints.size(), " numbers"));
  }
  BITNET_RETURN_IF_ERROR(CheckCount(ints.size() / kNumbers));
  std::vector<TlTiling> tilings;
  for (size_t i = 0; i < ints.size(); i += kNumbers) {
    for (size_t j = i; j < i + kNumbers; ++j) {
      if (ints[j] < 1) {
        return absl::InvalidArgumentError(absl::StrCat("tilings: number ", j, ": expected at least 1, got ", ints[j]));
      }
    }
    const TlTiling tiling{ints[i], ints[i + 1], ints[i + 2], ints[i + 3], ints[i + 4]};
    BITNET_RETURN_IF_ERROR(CheckOnlyShape(tilings, tiling, i / kNumbers));
    tilings.push_back(tiling);
  }
  return tilings;
}

absl::StatusOr<std::vector<int32_t>> TilingsToInts(std::span<const TlTiling> tilings) {
  BITNET_RETURN_IF_ERROR(CheckCount(tilings.size()));
  std::vector<int32_t> ints;
  for (size_t i = 0; i < tilings.size(); ++i) {
    const TlTiling& t = tilings[i];
    if (t.rows > kMaxSide || t.cols > kMaxSide) {
      return absl::OutOfRangeError(
          absl::StrCat("tiling ", i, ": shape ", t.rows, "x", t.cols, " does not fit 32-bit numbers"));
    }
    if (t.rows < 1 || t.cols < 1 || t.bm < 1 || t.bk < 1 || t.bmm < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("tiling ", i, ": expected numbers of at least 1, got ", TilingText(t)));
    }
    BITNET_RETURN_IF_ERROR(CheckOnlyShape(tilings.first(i), t, i));
    for (const int64_t number : {t.rows, t.cols, int64_t{t.bm}, int64_t{t.bk}, int64_t{t.bmm}}) {
      ints.push_back(static_cast<int32_t>(number));
    }
  }
  return ints;
}

}  // namespace bitnet
