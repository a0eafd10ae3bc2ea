#include "bitnet/quant/tl_kernels.h"

#include <array>
#include <cstdlib>

#include "bitnet/base/cpu_features.h"

namespace bitnet {
namespace {

constexpr int kMaxPair = 8;     // 3 * 1 + 1 + 4
constexpr int kMaxTriple = 13;  // 9 + 3 + 1
constexpr int kCellCols = 4;    // of pairs
constexpr int kTriples = 8;     // of a row of a unit
constexpr int64_t kPieceBytes = 32;

// Row of the matrix that byte i of a cell is for.
int64_t CellRow(const TlPairStrip& strip, int64_t i) { return i < 8 ? i : strip.high_rows + i - 8; }

int64_t CellAt(const TlPairStrip& strip, int64_t cell) {
  return cell / 2 * strip.cell_pair + cell % 2 * strip.odd_cell;
}

bool IsTrit(int8_t trit) { return trit >= -1 && trit <= 1; }

// The trits of a number -13..13 in balanced ternary, highest first.
std::array<int8_t, 3> Balanced(int number) {
  const int from_zero = number + 13;
  return {static_cast<int8_t>(from_zero / 9 - 1), static_cast<int8_t>(from_zero / 3 % 3 - 1),
          static_cast<int8_t>(from_zero % 3 - 1)};
}

constexpr TlKernels kScalar = {UnpackTlPairsScalar, PackTlPairsScalar, UnpackTlTriplesScalar, PackTlTriplesScalar};
#if defined(__x86_64__)
constexpr TlKernels kAvx2 = {UnpackTlPairsAvx2, PackTlPairsAvx2, UnpackTlTriplesAvx2, PackTlTriplesAvx2};
constexpr TlKernels kAvx512 = {UnpackTlPairsAvx512, PackTlPairsAvx512, UnpackTlTriplesAvx512, PackTlTriplesAvx512};
#endif

}  // namespace

int64_t TlPieceByte(int64_t row) {
  constexpr int64_t kQuarter[] = {0, 2, 1, 3};
  return kQuarter[row / 8] * 8 + row % 8;
}

const TlKernels& SelectTlKernels(const IsaSet& isa) {
#if defined(__x86_64__)
  if (isa.Has(Isa::kAvx512)) return kAvx512;
  if (isa.Has(Isa::kAvx2)) return kAvx2;
#endif
  return kScalar;
}

bool UnpackTlPairsScalar(const TlPairStrip& strip, const uint8_t* codes, int8_t* trits) {
  bool legal = true;
  for (int64_t cell = 0; cell < strip.cells; ++cell) {
    const uint8_t* in = codes + CellAt(strip, cell);
    for (int64_t i = 0; i < kTlCellRows; ++i) {
      int8_t* out = trits + CellRow(strip, i) * strip.stride + cell * kCellCols;
      for (const int pair : {in[i] >> 4, in[i] & 15}) {
        legal &= pair <= kMaxPair;
        *out++ = static_cast<int8_t>(pair / 3 - 1);
        *out++ = static_cast<int8_t>(pair % 3 - 1);
      }
    }
  }
  return legal;
}

bool PackTlPairsScalar(const TlPairStrip& strip, const int8_t* trits, uint8_t* codes) {
  bool legal = true;
  for (int64_t cell = 0; cell < strip.cells; ++cell) {
    uint8_t* out = codes + CellAt(strip, cell);
    for (int64_t i = 0; i < kTlCellRows; ++i) {
      const int8_t* w = trits + CellRow(strip, i) * strip.stride + cell * kCellCols;
      legal &= IsTrit(w[0]) && IsTrit(w[1]) && IsTrit(w[2]) && IsTrit(w[3]);
      const unsigned high = static_cast<unsigned>(3 * w[0] + w[1] + 4);
      const unsigned low = static_cast<unsigned>(3 * w[2] + w[3] + 4);
      out[i] = static_cast<uint8_t>(high << 4 | low);
    }
  }
  return legal;
}

bool UnpackTlTriplesScalar(const TlTripleStrip& strip, const uint8_t* codes, const uint8_t* signs, int8_t* trits) {
  bool legal = true;
  for (int64_t unit = 0; unit < strip.units; ++unit, codes += kTlUnitBytes, signs += kTlUnitSignBytes) {
    for (int64_t row = 0; row < kTlUnitRows; ++row) {
      const uint8_t* word = signs + row % 16 * 2;
      const unsigned bits = (word[0] | unsigned{word[1]} << 8) << row / 16;
      int8_t* out = trits + row * strip.stride + unit * kTlUnitCols;
      for (int t = 0; t < kTriples; ++t) {
        const int byte = codes[t / 2 * kPieceBytes + TlPieceByte(row)];
        const int magnitude = t % 2 == 0 ? byte >> 4 : byte & 15;
        const bool negative = (bits >> (15 - 2 * t) & 1) != 0;
        if (magnitude > kMaxTriple || (negative && magnitude == 0)) {
          legal = false;
          continue;
        }
        for (const int8_t trit : Balanced(negative ? -magnitude : magnitude)) *out++ = trit;
      }
    }
  }
  return legal;
}

bool PackTlTriplesScalar(const TlTripleStrip& strip, const int8_t* trits, uint8_t* codes, uint8_t* signs) {
  bool legal = true;
  for (int64_t unit = 0; unit < strip.units; ++unit, codes += kTlUnitBytes, signs += kTlUnitSignBytes) {
    unsigned words[16] = {};
    for (int64_t row = 0; row < kTlUnitRows; ++row) {
      const int8_t* w = trits + row * strip.stride + unit * kTlUnitCols;
      for (int t = 0; t < kTriples; t += 2, w += 6) {
        for (int i = 0; i < 6; ++i) legal &= IsTrit(w[i]);
        const int first = 9 * w[0] + 3 * w[1] + w[2];
        const int second = 9 * w[3] + 3 * w[4] + w[5];
        codes[t / 2 * kPieceBytes + TlPieceByte(row)] = static_cast<uint8_t>(std::abs(first) << 4 | std::abs(second));
        if (first < 0) words[row % 16] |= 1u << (15 - 2 * t - row / 16);
        if (second < 0) words[row % 16] |= 1u << (13 - 2 * t - row / 16);
      }
    }
    for (int i = 0; i < 16; ++i) {
      signs[2 * i] = static_cast<uint8_t>(words[i]);
      signs[2 * i + 1] = static_cast<uint8_t>(words[i] >> 8);
    }
  }
  return legal;
}

}  // namespace bitnet
