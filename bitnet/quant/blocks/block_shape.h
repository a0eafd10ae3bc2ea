// The layouts that are a sequence of blocks in row order, and the sizes of their blocks. The layouts are drawn in
// bitnet/quant: i2s.h, i2s_64.h, tq1_0.h, tq2_0.h, q2_0.h, q1_0.h, i2s_32.h, qk256.h. Plain data only: instruction-set
// files include it.

#ifndef BITNET_QUANT_BLOCKS_BLOCK_SHAPE_H_
#define BITNET_QUANT_BLOCKS_BLOCK_SHAPE_H_

#include <cstdint>

namespace bitnet {

enum class BlockLayout : uint8_t { kI2s, kI2s64, kTq1_0, kTq2_0, kQ2_0, kQ1_0, kI2s32, kQk256 };
inline constexpr int kBlockLayouts = 8;

struct BlockShape {
  int weights;   // in a block
  int bytes;     // of a block
  int codes_at;  // byte at which the codes begin
  int scale_at;  // byte of the binary16 scale; negative: none
};

inline constexpr BlockShape kBlockShapes[kBlockLayouts] = {
    {128, 32, 0, -1},  // kI2s
    {64, 16, 0, -1},   // kI2s64
    {256, 54, 0, 52},  // kTq1_0
    {256, 66, 0, 64},  // kTq2_0
    {64, 18, 2, 0},    // kQ2_0
    {128, 18, 2, 0},   // kQ1_0
    {32, 10, 0, 8},    // kI2s32
    {256, 64, 0, -1},  // kQk256
};

constexpr BlockShape ShapeOf(BlockLayout layout) { return kBlockShapes[static_cast<int>(layout)]; }

// What instruction sets are compared on and switched by.
struct BlockKernels {
  // trits [blocks * weights] -> data [blocks * bytes], every byte; `scale` is put where the layout has one. Not 0 when
  // a trit is none that the layout can hold: data then means nothing.
  uint32_t (*pack)(const int8_t* trits, int64_t blocks, uint16_t scale, uint8_t* data);
  // data [blocks * bytes] -> trits [blocks * weights]; scales are not read. Not 0 when a code is illegal: trits then
  // mean nothing.
  uint32_t (*unpack)(const uint8_t* data, int64_t blocks, int8_t* trits);
};

// By BlockLayout.
extern const BlockKernels kBlockKernelsScalar[kBlockLayouts];
extern const BlockKernels kBlockKernelsAvx2[kBlockLayouts];
extern const BlockKernels kBlockKernelsAvx512[kBlockLayouts];

// Codes: how one instruction set packs and unpacks the codes of one block. A type of an anonymous namespace, so that
// every file gets its own copy of these loops, compiled for its instruction set.
template <BlockLayout kLayout, typename Codes>
uint32_t PackBlocks(const int8_t* trits, int64_t blocks, uint16_t scale, uint8_t* data) {
  constexpr BlockShape kShape = ShapeOf(kLayout);
  typename Codes::PackCheck check;
  for (int64_t block = 0; block < blocks; ++block, trits += kShape.weights, data += kShape.bytes) {
    Codes::Pack(trits, data + kShape.codes_at, check);
    if constexpr (kShape.scale_at >= 0) __builtin_memcpy(data + kShape.scale_at, &scale, sizeof(scale));
  }
  return check.Bad();
}

template <BlockLayout kLayout, typename Codes>
uint32_t UnpackBlocks(const uint8_t* data, int64_t blocks, int8_t* trits) {
  constexpr BlockShape kShape = ShapeOf(kLayout);
  typename Codes::UnpackCheck check;
  for (int64_t block = 0; block < blocks; ++block, trits += kShape.weights, data += kShape.bytes) {
    Codes::Unpack(data + kShape.codes_at, trits, check);
  }
  return check.Bad();
}

template <BlockLayout kLayout, typename Codes>
constexpr BlockKernels KernelsOf() {
  return {PackBlocks<kLayout, Codes>, UnpackBlocks<kLayout, Codes>};
}

// TQ1_0: five codes make v = 0..242, and the byte is ceil(256 v / 243); a multiplication instead of the division, for
// 16-bit lanes: high half of the product, then a shift.
inline constexpr uint16_t kTq1Multiplier = 34522;  // 2^23 / 243, rounded up
inline constexpr int kTq1Shift = 7;
constexpr bool Tq1MultiplierIsExact() {
  for (uint32_t v = 0; v < 243; ++v) {
    const uint32_t rounded_up = 256 * v + 242;
    if (rounded_up * kTq1Multiplier >> 16 >> kTq1Shift != rounded_up / 243) return false;
  }
  return true;
}
static_assert(Tq1MultiplierIsExact());
// Reading: code n of byte q is q * 3^n mod 256 * 3 >> 8, so 1 from 86 and 2 from 171 on. A byte is one of the 243 when
// q * 3^5 mod 256 <= 242; with c4 = 0 it is one of 81 when q * 3^4 mod 256 <= 80.
inline constexpr int kTq1Plus = 171;
inline constexpr int kTq1Zero = 86;
inline constexpr int kTq1MostRest = 242;
inline constexpr int kTq1MostRestOfFour = 80;

}  // namespace bitnet

#endif  // BITNET_QUANT_BLOCKS_BLOCK_SHAPE_H_
