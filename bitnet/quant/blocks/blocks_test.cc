// Block kernels against the formula of each layout, one weight at a time, and instruction sets against each other.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/blocks/block_kernel_table.h"
#include "bitnet/quant/blocks/block_shape.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr uint16_t kScale = 0x3555;

// Where a weight of a two-bit layout is.
struct Place {
  int byte;  // of the block
  int shift;
};

Place PlaceOf(BlockLayout layout, int w) {
  switch (layout) {
    case BlockLayout::kI2s:
      return {w % 32, 6 - 2 * (w / 32)};
    case BlockLayout::kI2s64:
      return {w % 16, 6 - 2 * (w / 16)};
    case BlockLayout::kTq2_0:
      return {w / 128 * 32 + w % 32, 2 * (w % 128 / 32)};
    case BlockLayout::kQ2_0:
      return {2 + w / 4, 2 * (w % 4)};
    default:  // kI2s32, kQk256
      return {w / 4, 2 * (w % 4)};
  }
}

// Byte and power of three of a weight of TQ1_0: code n of a byte counts 3^(4 - n).
Place Tq1PlaceOf(int w) {
  if (w < 160) return {w % 32, w / 32};
  if (w < 240) return {32 + (w - 160) % 16, (w - 160) / 16};
  return {48 + (w - 240) % 4, (w - 240) / 4};
}

std::vector<uint8_t> PackByFormula(BlockLayout layout, const std::vector<int8_t>& trits) {
  const BlockShape shape = ShapeOf(layout);
  std::vector<uint8_t> data(trits.size() / shape.weights * shape.bytes, 0);
  for (size_t block = 0; block < trits.size() / shape.weights; ++block) {
    const int8_t* t = trits.data() + block * shape.weights;
    uint8_t* bytes = data.data() + block * shape.bytes;
    int sums[52] = {};
    for (int w = 0; w < shape.weights; ++w) {
      if (layout == BlockLayout::kTq1_0) {
        const Place place = Tq1PlaceOf(w);
        const int powers[] = {81, 27, 9, 3, 1};
        sums[place.byte] += (t[w] + 1) * powers[place.shift];
      } else if (layout == BlockLayout::kQ1_0) {
        bytes[2 + w / 8] = static_cast<uint8_t>(bytes[2 + w / 8] | (t[w] > 0 ? 1 : 0) << (w % 8));
      } else {
        const Place place = PlaceOf(layout, w);
        bytes[place.byte] = static_cast<uint8_t>(bytes[place.byte] | (t[w] + 1) << place.shift);
      }
    }
    if (layout == BlockLayout::kTq1_0) {
      for (int i = 0; i < 52; ++i) bytes[i] = static_cast<uint8_t>((sums[i] * 256 + 242) / 243);
    }
    if (shape.scale_at >= 0) std::memcpy(bytes + shape.scale_at, &kScale, sizeof(kScale));
  }
  return data;
}

struct Case {
  BlockLayout layout;
  Isa isa;
};

class BlocksTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!DetectIsaSet().Has(GetParam().isa)) GTEST_SKIP() << "this CPU has no " << IsaName(GetParam().isa);
  }
  const BlockLayout layout_ = GetParam().layout;
  const BlockShape shape_ = ShapeOf(layout_);
  const BlockKernels& kernels_ = BlockKernelsFor(layout_, IsaClosure(GetParam().isa));
  const BlockKernels& scalar_ = BlockKernelsFor(layout_, {Isa::kScalar});

  std::vector<int8_t> RandomTrits(int64_t blocks, uint32_t seed) const {
    std::mt19937 random(seed);
    std::vector<int8_t> trits(blocks * shape_.weights);
    for (int8_t& trit : trits) {
      trit = static_cast<int8_t>(layout_ == BlockLayout::kQ1_0 ? random() % 2 * 2 - 1 : random() % 3 - 1);
    }
    return trits;
  }
  // Both ways, against the formula, and with the bytes around the result untouched.
  void ExpectRoundTrip(const std::vector<int8_t>& trits) const {
    const int64_t blocks = static_cast<int64_t>(trits.size()) / shape_.weights;
    constexpr uint8_t kGuard = 0xa5;
    std::vector<uint8_t> data(blocks * shape_.bytes + 1, kGuard);
    ASSERT_EQ(kernels_.pack(trits.data(), blocks, kScale, data.data()), 0u);
    ASSERT_EQ(data.back(), kGuard);
    data.pop_back();
    ASSERT_EQ(data, PackByFormula(layout_, trits));
    std::vector<int8_t> again(trits.size() + 1, 77);
    ASSERT_EQ(kernels_.unpack(data.data(), blocks, again.data()), 0u);
    ASSERT_EQ(again.back(), 77);
    again.pop_back();
    ASSERT_EQ(again, trits);
    for (int64_t block = 0; block < blocks; ++block) {
      ASSERT_EQ(FirstIllegalWeight(layout_, data.data() + block * shape_.bytes), -1);
    }
  }
};

TEST_P(BlocksTest, RandomBlocksFollowTheFormula) {
  for (int64_t blocks : {1, 2, 3, 7, 8, 33}) ExpectRoundTrip(RandomTrits(blocks, static_cast<uint32_t>(blocks)));
}

// All 3^5 values of five neighbours in a byte of TQ1_0, which contain all 3^4 of four in a byte of the others: every
// weight w takes digit (w's place in its byte) of v, in every block.
TEST_P(BlocksTest, EveryGroupInEveryByte) {
  std::vector<int8_t> trits;
  for (int v = 0; v < 243; ++v) {
    const int digits[] = {v / 81, v / 27 % 3, v / 9 % 3, v / 3 % 3, v % 3};
    for (int w = 0; w < shape_.weights; ++w) {
      const int place = layout_ == BlockLayout::kTq1_0  ? Tq1PlaceOf(w).shift
                        : layout_ == BlockLayout::kQ1_0 ? w % 5
                                                        : PlaceOf(layout_, w).shift / 2;
      const int digit = digits[place];
      trits.push_back(static_cast<int8_t>(layout_ == BlockLayout::kQ1_0 ? digit % 2 * 2 - 1 : digit - 1));
    }
  }
  ExpectRoundTrip(trits);
}

// All 256 values of every byte: what is legal comes back as the very same byte, what is not is refused, with the first
// weight of the byte that has an illegal code.
TEST_P(BlocksTest, EveryByteValueInEveryPlace) {
  const std::vector<uint8_t> good = PackByFormula(layout_, RandomTrits(1, 9));
  std::vector<int8_t> trits(shape_.weights);
  for (int place = 0; place < shape_.bytes; ++place) {
    if (shape_.scale_at >= 0 && place >= shape_.scale_at && place < shape_.scale_at + 2) continue;
    int legal = 0;
    for (int value = 0; value < 256; ++value) {
      std::vector<uint8_t> data = good;
      data[place] = static_cast<uint8_t>(value);
      const int first = FirstIllegalWeight(layout_, data.data());
      const bool refused = kernels_.unpack(data.data(), 1, trits.data()) != 0;
      ASSERT_EQ(refused, first >= 0) << "byte " << place << " value " << value;
      if (refused) {
        const int byte = layout_ == BlockLayout::kTq1_0 ? Tq1PlaceOf(first).byte : PlaceOf(layout_, first).byte;
        ASSERT_EQ(byte, place) << "value " << value;
        continue;
      }
      ++legal;
      std::vector<uint8_t> again(data.size());
      ASSERT_EQ(kernels_.pack(trits.data(), 1, kScale, again.data()), 0u);
      ASSERT_EQ(again, data);
    }
    const int expected = layout_ == BlockLayout::kQ1_0 ? 256 : layout_ == BlockLayout::kTq1_0 && place < 48 ? 243 : 81;
    EXPECT_EQ(legal, expected) << "byte " << place;
  }
}

// One bad weight anywhere among several blocks is noticed.
TEST_P(BlocksTest, IllegalTritsAreNoticedWhereverTheyAre) {
  constexpr int64_t kBlocks = 3;
  std::vector<uint8_t> data(kBlocks * shape_.bytes);
  std::vector<int8_t> bad_values = {2, -2, 3, 127, -128};
  if (layout_ == BlockLayout::kQ1_0) bad_values.push_back(0);
  std::vector<int8_t> trits = RandomTrits(kBlocks, 4);
  for (size_t i = 0; i < trits.size(); ++i) {
    const int8_t good = trits[i];
    for (int8_t bad : bad_values) {
      trits[i] = bad;
      ASSERT_NE(kernels_.pack(trits.data(), kBlocks, kScale, data.data()), 0u) << i << ": " << int{bad};
    }
    trits[i] = good;
  }
  EXPECT_EQ(kernels_.pack(trits.data(), kBlocks, kScale, data.data()), 0u);
}

// Any bytes at all: the same trits, or refused, as the scalar kernel says.
TEST_P(BlocksTest, ArbitraryBytesAsScalar) {
  std::mt19937 random(12);
  constexpr int64_t kBlocks = 5;
  std::vector<uint8_t> data(kBlocks * shape_.bytes);
  std::vector<int8_t> trits(kBlocks * shape_.weights), expected(trits.size());
  for (int round = 0; round < 200; ++round) {
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(round % 2 == 0 ? random() : 0x55);
    if (round % 2 == 1) data[random() % data.size()] = static_cast<uint8_t>(random());
    const bool refused = kernels_.unpack(data.data(), kBlocks, trits.data()) != 0;
    ASSERT_EQ(refused, scalar_.unpack(data.data(), kBlocks, expected.data()) != 0);
    if (!refused) {
      ASSERT_EQ(trits, expected);
    }
  }
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (int layout = 0; layout < kBlockLayouts; ++layout) {
    for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) cases.push_back({static_cast<BlockLayout>(layout), isa});
  }
  return cases;
}

std::string CaseName(const testing::TestParamInfo<Case>& info) {
  constexpr const char* kNames[] = {"i2s", "i2s64", "tq1_0", "tq2_0", "q2_0", "q1_0", "i2s32", "qk256"};
  return std::string(kNames[static_cast<int>(info.param.layout)]) + "_" + std::string(IsaName(info.param.isa));
}

INSTANTIATE_TEST_SUITE_P(All, BlocksTest, testing::ValuesIn(Cases()), CaseName);

}  // namespace
}  // namespace bitnet
