// The inner loops of TL1 and TL2: codes <-> trits over one strip of a tile. Plain data only: the files of every
// instruction set include it.
//
// Pairs. A byte is four columns of one row: 3 * w0 + w1 + 4 in the high nibble, 3 * w2 + w3 + 4 in the low one; 9 to 15
// are illegal. 16 bytes, a cell, are the same four columns of 16 rows; a strip is the cells of these rows.
//
// Triples. A byte is six columns of one row: |9 * w0 + 3 * w1 + w2| in the high nibble, w3 w4 w5 in the low one; 14 and
// 15 are illegal. A unit is 32 rows x 24 columns: four pieces of 32 bytes, and 16 little-endian words of sign bits,
// 1 for a negative sum; one for a sum of 0 is illegal. Word j has triple t (0..7) of row j in bit 15 - 2t and of row
// j + 16 in bit 14 - 2t. Byte order of a piece: rows 0-7, 16-23, 8-15, 24-31.

#ifndef BITNET_QUANT_TL_KERNELS_H_
#define BITNET_QUANT_TL_KERNELS_H_

#include <cstdint>

namespace bitnet {

class IsaSet;

inline constexpr int64_t kTlCellRows = 16;
inline constexpr int64_t kTlUnitRows = 32;
inline constexpr int64_t kTlUnitCols = 24;
inline constexpr int64_t kTlUnitBytes = 128;  // without signs
inline constexpr int64_t kTlUnitSignBytes = 32;

struct TlPairStrip {
  int64_t cells;      // columns / 4
  int64_t odd_cell;   // bytes from cell 2i to cell 2i + 1
  int64_t cell_pair;  // bytes from cell 2i to cell 2i + 2
  int64_t high_rows;  // matrix rows from byte 0 of a cell to byte 8; bytes 0-7 and 8-15 are successive rows each
  int64_t stride;     // trits from a row to the next
};

struct TlTripleStrip {
  int64_t units;   // columns / 24; successive in codes and in signs
  int64_t stride;  // trits from a row to the next
};

// `trits` is the first row's first column. Unpack returns false for an illegal code, pack for what is no trit; what
// has been written then means nothing.
using UnpackTlPairsFn = bool (*)(const TlPairStrip& strip, const uint8_t* codes, int8_t* trits);
using PackTlPairsFn = bool (*)(const TlPairStrip& strip, const int8_t* trits, uint8_t* codes);
using UnpackTlTriplesFn = bool (*)(const TlTripleStrip& strip, const uint8_t* codes, const uint8_t* signs,
                                   int8_t* trits);
using PackTlTriplesFn = bool (*)(const TlTripleStrip& strip, const int8_t* trits, uint8_t* codes, uint8_t* signs);

struct TlKernels {
  UnpackTlPairsFn unpack_pairs;
  PackTlPairsFn pack_pairs;
  UnpackTlTriplesFn unpack_triples;
  PackTlTriplesFn pack_triples;
};

// Byte of a piece that row 0..31 of a unit has.
int64_t TlPieceByte(int64_t row);

// The widest that `isa` allows. All give the same bytes.
const TlKernels& SelectTlKernels(const IsaSet& isa);

bool UnpackTlPairsScalar(const TlPairStrip& strip, const uint8_t* codes, int8_t* trits);
bool PackTlPairsScalar(const TlPairStrip& strip, const int8_t* trits, uint8_t* codes);
bool UnpackTlTriplesScalar(const TlTripleStrip& strip, const uint8_t* codes, const uint8_t* signs, int8_t* trits);
bool PackTlTriplesScalar(const TlTripleStrip& strip, const int8_t* trits, uint8_t* codes, uint8_t* signs);

bool UnpackTlPairsAvx2(const TlPairStrip& strip, const uint8_t* codes, int8_t* trits);
bool PackTlPairsAvx2(const TlPairStrip& strip, const int8_t* trits, uint8_t* codes);
bool UnpackTlTriplesAvx2(const TlTripleStrip& strip, const uint8_t* codes, const uint8_t* signs, int8_t* trits);
bool PackTlTriplesAvx2(const TlTripleStrip& strip, const int8_t* trits, uint8_t* codes, uint8_t* signs);

bool UnpackTlPairsAvx512(const TlPairStrip& strip, const uint8_t* codes, int8_t* trits);
bool PackTlPairsAvx512(const TlPairStrip& strip, const int8_t* trits, uint8_t* codes);
bool UnpackTlTriplesAvx512(const TlTripleStrip& strip, const uint8_t* codes, const uint8_t* signs, int8_t* trits);
bool PackTlTriplesAvx512(const TlTripleStrip& strip, const int8_t* trits, uint8_t* codes, uint8_t* signs);

}  // namespace bitnet

#endif  // BITNET_QUANT_TL_KERNELS_H_
