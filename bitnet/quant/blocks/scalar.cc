// Plain C++: what every other instruction set must equal.

#include <cstdint>

#include "bitnet/quant/blocks/block_shape.h"

namespace bitnet {
namespace {

// Keeps the largest value seen: a code beyond kMost is illegal.
template <int kMost>
struct Check {
  void Add(uint8_t value) { largest = value > largest ? value : largest; }
  uint32_t Bad() const { return largest > kMost; }
  uint8_t largest = 0;
};

enum class Order {
  kHighFirst,   // byte p holds weights p, p + bytes, ..., the first in the highest bits
  kLowFirst,    // the same, the first in the lowest bits
  kSequential,  // byte p holds weights 4p .. 4p + 3, the first in the lowest bits
};

// kGroups groups of kWeights weights with two bits each.
template <int kWeights, Order kOrder, int kGroups = 1>
struct TwoBits {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<2>;
  static constexpr int kBytes = kWeights / 4;

  static constexpr int Weight(int byte, int slot) {
    return kOrder == Order::kSequential ? 4 * byte + slot : slot * kBytes + byte;
  }
  static constexpr int Shift(int slot) { return kOrder == Order::kHighFirst ? 6 - 2 * slot : 2 * slot; }

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    for (int group = 0; group < kGroups; ++group, trits += kWeights, codes += kBytes) {
      for (int byte = 0; byte < kBytes; ++byte) {
        uint8_t packed = 0;
        for (int slot = 0; slot < 4; ++slot) {
          const uint8_t code = static_cast<uint8_t>(trits[Weight(byte, slot)] + 1);
          check.Add(code);
          packed = static_cast<uint8_t>(packed | code << Shift(slot));
        }
        codes[byte] = packed;
      }
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    for (int group = 0; group < kGroups; ++group, trits += kWeights, codes += kBytes) {
      for (int slot = 0; slot < 4; ++slot) {
        for (int byte = 0; byte < kBytes; ++byte) {
          const uint8_t code = (codes[byte] >> Shift(slot)) & 3;
          check.Add(code);
          trits[Weight(byte, slot)] = static_cast<int8_t>(code - 1);
        }
      }
    }
  }
};

struct Tq1 {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<kTq1MostRest>;

  // Weight n * kBytes + m is code n of byte m; kCodes of five, the missing ones 0.
  template <int kBytes, int kCodes>
  static void PackPart(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    for (int m = 0; m < kBytes; ++m) {
      uint32_t v = 0;
      for (int n = 0; n < 5; ++n) {
        const uint8_t code = n < kCodes ? static_cast<uint8_t>(trits[n * kBytes + m] + 1) : 0;
        check.Add(code);
        v = v * 3 + code;
      }
      codes[m] = static_cast<uint8_t>((v * 256 + 242) / 243);
    }
  }
  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    PackPart<32, 5>(trits, codes, check);
    PackPart<16, 5>(trits + 160, codes + 32, check);
    PackPart<4, 4>(trits + 240, codes + 48, check);
  }

  template <int kBytes, int kCodes>
  static void UnpackPart(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    for (int m = 0; m < kBytes; ++m) {
      uint8_t q = codes[m];
      for (int n = 0; n < kCodes; ++n) {
        trits[n * kBytes + m] = static_cast<int8_t>((q * 3 >> 8) - 1);
        q = static_cast<uint8_t>(q * 3);
      }
      // After four codes a fifth is left, which is 0.
      check.Add(kCodes == 5 ? q : q <= kTq1MostRestOfFour ? 0 : 255);
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    UnpackPart<32, 5>(codes, trits, check);
    UnpackPart<16, 5>(codes + 32, trits + 160, check);
    UnpackPart<4, 4>(codes + 48, trits + 240, check);
  }
};

struct Q1 {
  using PackCheck = Check<0>;
  using UnpackCheck = Check<0>;  // every bit is legal

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    for (int byte = 0; byte < 16; ++byte) {
      uint8_t packed = 0;
      for (int bit = 0; bit < 8; ++bit) {
        const int8_t trit = trits[byte * 8 + bit];
        check.Add(trit == 1 || trit == -1 ? 0 : 1);
        packed = static_cast<uint8_t>(packed | (trit > 0 ? 1 : 0) << bit);
      }
      codes[byte] = packed;
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    for (int j = 0; j < 128; ++j) trits[j] = static_cast<int8_t>((codes[j / 8] >> (j % 8) & 1) * 2 - 1);
  }
};

}  // namespace

const BlockKernels kBlockKernelsScalar[kBlockLayouts] = {
    KernelsOf<BlockLayout::kI2s, TwoBits<128, Order::kHighFirst>>(),
    KernelsOf<BlockLayout::kI2s64, TwoBits<64, Order::kHighFirst>>(),
    KernelsOf<BlockLayout::kTq1_0, Tq1>(),
    KernelsOf<BlockLayout::kTq2_0, TwoBits<128, Order::kLowFirst, 2>>(),
    KernelsOf<BlockLayout::kQ2_0, TwoBits<64, Order::kSequential>>(),
    KernelsOf<BlockLayout::kQ1_0, Q1>(),
    KernelsOf<BlockLayout::kI2s32, TwoBits<32, Order::kSequential>>(),
    KernelsOf<BlockLayout::kQk256, TwoBits<256, Order::kSequential>>(),
};

}  // namespace bitnet
