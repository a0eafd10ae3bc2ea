// TL1 and TL2 strips in vectors of 16-byte lanes, for tl_x86_avx2.cc and tl_x86_avx512.cc only. Everything is in an
// anonymous namespace: each of the two files compiles its own copy with its own instructions.
//
// V is a vector type: V256, 2 lanes, or V512 of tl_x86_avx512.cc, 4. All shuffles stay inside a lane, so that wider
// vectors are more columns of the same rows and nothing else changes.

#ifndef BITNET_QUANT_TL_X86_H_
#define BITNET_QUANT_TL_X86_H_

#include <cstdint>

#include "bitnet/quant/tl_kernels.h"
#include "bitnet/quant/tl_x86_v256.h"

namespace bitnet {
namespace {

#define UNROLL _Pragma("GCC unroll 32")

// Trits by nibble: of a pair, and of a magnitude.
alignas(16) constexpr int8_t kPairHigh[16] = {-1, -1, -1, 0, 0, 0, 1, 1, 1};
alignas(16) constexpr int8_t kPairLow[16] = {-1, 0, 1, -1, 0, 1, -1, 0, 1};
alignas(16) constexpr int8_t kTriple[3][16] = {{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                                               {0, 0, 1, 1, 1, -1, -1, -1, 0, 0, 0, 1, 1, 1},
                                               {0, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1}};
constexpr int kMaxPair = 8;
constexpr int kMaxTriple = 13;
constexpr int64_t kPieceBytes = 32;

// One stage of the perfect shuffle of N vectors. The address of a byte is (vector, byte in lane); a stage rotates its
// bits left by one. log2(16) stages of 16 vectors exchange vector and byte: a transposition.
template <typename V, int N, int kStages>
inline void Interleave(typename V::Reg (&v)[N]) {
  UNROLL for (int stage = 0; stage < kStages; ++stage) {
    typename V::Reg next[N];
    UNROLL for (int i = 0; i < N / 2; ++i) {
      next[2 * i] = V::Low8(v[i], v[i + N / 2]);
      next[2 * i + 1] = V::High8(v[i], v[i + N / 2]);
    }
    UNROLL for (int i = 0; i < N; ++i) v[i] = next[i];
  }
}

// 16 rows x kLanes * 16 columns; lane i has cells 4 i to 4 i + 3 of the strip.
template <typename V>
inline typename V::Reg UnpackPairBlock(const TlPairStrip& strip, const uint8_t* codes, int8_t* trits) {
  using Reg = typename V::Reg;
  const Reg nibble = V::Set8(15);
  const Reg high = V::Table(kPairHigh);
  const Reg low = V::Table(kPairLow);
  const int64_t lane = 2 * strip.cell_pair;
  Reg rows[4] = {V::LoadLanes(codes, lane), V::LoadLanes(codes + strip.odd_cell, lane),
                 V::LoadLanes(codes + strip.cell_pair, lane),
                 V::LoadLanes(codes + strip.cell_pair + strip.odd_cell, lane)};
  Interleave<V, 4, 2>(rows);  // vector i: rows 4 i to 4 i + 3, four bytes each
  Reg largest = V::Zero();
  UNROLL for (int i = 0; i < 4; ++i) {
    const Reg first = V::And(V::Right4(rows[i]), nibble);
    const Reg second = V::And(rows[i], nibble);
    int8_t* out = trits + (i < 2 ? 4 * i : strip.high_rows + 4 * i - 8) * strip.stride;
    const Reg halves[2] = {V::Low8(first, second), V::High8(first, second)};  // two rows of eight pairs each
    UNROLL for (int j = 0; j < 2; ++j, out += 2 * strip.stride) {
      largest = V::MaxU8(largest, halves[j]);
      const Reg w0 = V::Shuffle(high, halves[j]);
      const Reg w1 = V::Shuffle(low, halves[j]);
      V::Store(out, V::Low8(w0, w1));
      V::Store(out + strip.stride, V::High8(w0, w1));
    }
  }
  return largest;
}

// The inverse. Returns the largest trit + 1, as unsigned bytes.
template <typename V>
inline typename V::Reg PackPairBlock(const TlPairStrip& strip, const int8_t* trits, uint8_t* codes) {
  using Reg = typename V::Reg;
  const Reg one = V::Set8(1);
  const Reg three_one = V::Set16(1 << 8 | 3);      // bytes
  const Reg sixteen_one = V::Set32(1 << 16 | 16);  // words
  const Reg four = V::Set16(4);
  Reg largest = V::Zero();
  Reg rows[4];
  UNROLL for (int i = 0; i < 4; ++i) {
    const int8_t* in = trits + (i < 2 ? 4 * i : strip.high_rows + 4 * i - 8) * strip.stride;
    Reg bytes[4];
    UNROLL for (int j = 0; j < 4; ++j) {
      const Reg w = V::Load(in + j * strip.stride);
      largest = V::MaxU8(largest, V::Add8(w, one));
      bytes[j] = V::MulAdd16(V::Add16(V::MulAdd8(three_one, w), four), sixteen_one);
    }
    rows[i] = V::PackU16(V::Pack32(bytes[0], bytes[1]), V::Pack32(bytes[2], bytes[3]));
  }
  Interleave<V, 4, 4>(rows);  // vector i: cell i, 16 rows
  const int64_t lane = 2 * strip.cell_pair;
  V::StoreLanes(codes, lane, rows[0]);
  V::StoreLanes(codes + strip.odd_cell, lane, rows[1]);
  V::StoreLanes(codes + strip.cell_pair, lane, rows[2]);
  V::StoreLanes(codes + strip.cell_pair + strip.odd_cell, lane, rows[3]);
  return largest;
}

// A unit for every two lanes: the even lane has rows 0-7 and 16-23 of it, the odd one rows 8-15 and 24-31.
template <typename V>
inline bool UnpackTripleBlock(int64_t stride, const uint8_t* codes, const uint8_t* signs, int8_t* trits) {
  using Reg = typename V::Reg;
  const Reg nibble = V::Set8(15);
  const Reg tables[3] = {V::Table(kTriple[0]), V::Table(kTriple[1]), V::Table(kTriple[2])};
  Reg sign = V::Load(signs);
  Reg largest = V::Zero();
  Reg bad = V::Zero();
  Reg left[16];  // columns 0-15
  Reg right[8];  // columns 16-23
  UNROLL for (int t = 0; t < 8; ++t) {
    const Reg piece = V::LoadPieces(codes + t / 2 * kPieceBytes, kTlUnitBytes);
    const Reg magnitude = V::And(t % 2 == 0 ? V::Right4(piece) : piece, nibble);
    const Reg low_rows = V::Sign16(sign);
    sign = V::Add16(sign, sign);
    const Reg negative = V::Pack16(low_rows, V::Sign16(sign));
    sign = V::Add16(sign, sign);
    largest = V::MaxU8(largest, magnitude);
    bad = V::Or(bad, V::ZeroAnd(magnitude, negative));
    UNROLL for (int i = 0; i < 3; ++i) {
      const Reg trit = V::Sub8(V::Xor(V::Shuffle(tables[i], magnitude), negative), negative);
      const int col = 3 * t + i;
      if (col < 16) {
        left[col] = trit;
      } else {
        right[col - 16] = trit;
      }
    }
  }
  Interleave<V, 16, 4>(left);  // vector i: row i of the lane
  Interleave<V, 8, 3>(right);  // vector i: rows 2 i and 2 i + 1
  UNROLL for (int i = 0; i < 16; ++i) {
    V::StoreRows(trits + (i < 8 ? i : i + 8) * stride, 8 * stride, kTlUnitCols, left[i]);
  }
  UNROLL for (int i = 0; i < 8; ++i) {
    V::StoreHalves(trits + (i < 4 ? 2 * i : 2 * i + 8) * stride + 16, stride, 8 * stride, kTlUnitCols, right[i]);
  }
  return !V::AnyAbove(largest, kMaxTriple) && !V::AnyAbove(bad, 0);
}

template <typename V>
inline bool PackTripleBlock(int64_t stride, const int8_t* trits, uint8_t* codes, uint8_t* signs) {
  using Reg = typename V::Reg;
  const Reg one = V::Set8(1);
  Reg largest = V::Zero();
  Reg left[16];
  Reg right[8];
  UNROLL for (int i = 0; i < 16; ++i) {
    left[i] = V::LoadRows(trits + (i < 8 ? i : i + 8) * stride, 8 * stride, kTlUnitCols);
    largest = V::MaxU8(largest, V::Add8(left[i], one));
  }
  UNROLL for (int i = 0; i < 8; ++i) {
    right[i] = V::LoadHalves(trits + (i < 4 ? 2 * i : 2 * i + 8) * stride + 16, stride, 8 * stride, kTlUnitCols);
    largest = V::MaxU8(largest, V::Add8(right[i], one));
  }
  Interleave<V, 16, 4>(left);  // vector i: column i
  Interleave<V, 8, 4>(right);  // vector i: column 16 + i
  Reg sign = V::Zero();
  Reg first = V::Zero();
  UNROLL for (int t = 0; t < 8; ++t) {
    Reg sum = V::Zero();
    UNROLL for (int i = 0; i < 3; ++i) {
      const int col = 3 * t + i;
      sum = V::Add8(V::Add8(sum, V::Add8(sum, sum)), col < 16 ? left[col] : right[col - 16]);
    }
    const Reg negative = V::Sign8(sum);
    // A word of ones is -1; a subtraction puts a one into the lowest bit.
    sign = V::Sub16(V::Add16(sign, sign), V::Low8(negative, negative));
    sign = V::Sub16(V::Add16(sign, sign), V::High8(negative, negative));
    const Reg magnitude = V::Abs8(sum);
    if (t % 2 == 0) {
      first = V::Left4(magnitude);
    } else {
      V::StorePieces(codes + t / 2 * kPieceBytes, kTlUnitBytes, V::Or(first, magnitude));
    }
  }
  V::Store(signs, sign);
  return !V::AnyAbove(largest, 2);
}

// The whole blocks of a strip from `cell` on, which is even. Returns where they end; clears `legal` for an illegal
// code.
template <typename V>
inline int64_t UnpackPairBlocks(const TlPairStrip& strip, int64_t cell, const uint8_t* codes, int8_t* trits,
                                bool& legal) {
  constexpr int64_t kCells = V::kLanes * 4;
  typename V::Reg largest = V::Zero();
  for (; cell + kCells <= strip.cells; cell += kCells) {
    largest = V::MaxU8(largest, UnpackPairBlock<V>(strip, codes + cell / 2 * strip.cell_pair, trits + cell * 4));
  }
  legal = legal && !V::AnyAbove(largest, kMaxPair);
  return cell;
}

template <typename V>
inline int64_t PackPairBlocks(const TlPairStrip& strip, int64_t cell, const int8_t* trits, uint8_t* codes,
                              bool& legal) {
  constexpr int64_t kCells = V::kLanes * 4;
  typename V::Reg largest = V::Zero();
  for (; cell + kCells <= strip.cells; cell += kCells) {
    largest = V::MaxU8(largest, PackPairBlock<V>(strip, trits + cell * 4, codes + cell / 2 * strip.cell_pair));
  }
  legal = legal && !V::AnyAbove(largest, 2);
  return cell;
}

// What is narrower than a block.
inline bool UnpackLastPairs(const TlPairStrip& strip, int64_t cell, const uint8_t* codes, int8_t* trits) {
  TlPairStrip rest = strip;
  rest.cells -= cell;
  return rest.cells == 0 || UnpackTlPairsScalar(rest, codes + cell / 2 * strip.cell_pair, trits + cell * 4);
}

inline bool PackLastPairs(const TlPairStrip& strip, int64_t cell, const int8_t* trits, uint8_t* codes) {
  TlPairStrip rest = strip;
  rest.cells -= cell;
  return rest.cells == 0 || PackTlPairsScalar(rest, trits + cell * 4, codes + cell / 2 * strip.cell_pair);
}

// The whole blocks of units from `unit` on. Returns where they end.
template <typename V>
inline int64_t UnpackTripleBlocks(const TlTripleStrip& strip, int64_t unit, const uint8_t* codes, const uint8_t* signs,
                                  int8_t* trits, bool& legal) {
  constexpr int64_t kUnits = V::kLanes / 2;
  for (; unit + kUnits <= strip.units; unit += kUnits) {
    legal &= UnpackTripleBlock<V>(strip.stride, codes + unit * kTlUnitBytes, signs + unit * kTlUnitSignBytes,
                                  trits + unit * kTlUnitCols);
  }
  return unit;
}

template <typename V>
inline int64_t PackTripleBlocks(const TlTripleStrip& strip, int64_t unit, const int8_t* trits, uint8_t* codes,
                                uint8_t* signs, bool& legal) {
  constexpr int64_t kUnits = V::kLanes / 2;
  for (; unit + kUnits <= strip.units; unit += kUnits) {
    legal &= PackTripleBlock<V>(strip.stride, trits + unit * kTlUnitCols, codes + unit * kTlUnitBytes,
                                signs + unit * kTlUnitSignBytes);
  }
  return unit;
}

}  // namespace
}  // namespace bitnet

#endif  // BITNET_QUANT_TL_X86_H_
