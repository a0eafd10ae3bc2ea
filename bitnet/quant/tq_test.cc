#include "bitnet/quant/tq.h"

#include <array>
#include <random>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/base/f16.h"
#include "bitnet/quant/i2s.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

// One block of 256 codes (0, 1, 2) and a scale, written by the formulas of the header.
std::vector<uint8_t> Tq1Block(std::span<const uint8_t> codes, F16 d) {
  const auto byte = [](int c0, int c1, int c2, int c3, int c4) {
    const int v = 81 * c0 + 27 * c1 + 9 * c2 + 3 * c3 + c4;
    return static_cast<uint8_t>((v * 256 + 242) / 243);
  };
  std::vector<uint8_t> block;
  for (int m = 0; m < 32; ++m) {
    block.push_back(byte(codes[m], codes[32 + m], codes[64 + m], codes[96 + m], codes[128 + m]));
  }
  const uint8_t* tail = codes.data() + 160;
  for (int m = 0; m < 16; ++m) block.push_back(byte(tail[m], tail[16 + m], tail[32 + m], tail[48 + m], tail[64 + m]));
  const uint8_t* last = codes.data() + 240;
  for (int m = 0; m < 4; ++m) block.push_back(byte(last[m], last[4 + m], last[8 + m], last[12 + m], 0));
  block.push_back(static_cast<uint8_t>(d));
  block.push_back(static_cast<uint8_t>(d >> 8));
  return block;
}

std::vector<uint8_t> Tq2Block(std::span<const uint8_t> codes, F16 d) {
  std::vector<uint8_t> block(64);
  for (int i = 0; i < 256; ++i) block[i / 128 * 32 + i % 32] |= codes[i] << (2 * (i % 128 / 32));
  block.push_back(static_cast<uint8_t>(d));
  block.push_back(static_cast<uint8_t>(d >> 8));
  return block;
}

struct Format {
  const char* name;
  size_t block_bytes;
  std::vector<uint8_t> (*pack)(std::span<const uint8_t> codes, F16 d);
  absl::StatusOr<float> (*repack)(std::span<const uint8_t>, int64_t, int64_t, std::span<uint8_t>, std::string_view);
};

class TqTest : public testing::TestWithParam<Format> {
 protected:
  // Blocks of random codes, scales[i] for block i.
  std::vector<uint8_t> Tensor(std::span<const F16> scales, uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<uint8_t> data;
    codes_.clear();
    for (const F16 d : scales) {
      std::array<uint8_t, 256> codes;
      for (uint8_t& code : codes) code = static_cast<uint8_t>(random() % 3);
      codes_.insert(codes_.end(), codes.begin(), codes.end());
      const std::vector<uint8_t> block = GetParam().pack(codes, d);
      EXPECT_EQ(block.size(), GetParam().block_bytes);
      data.insert(data.end(), block.begin(), block.end());
    }
    return data;
  }

  absl::StatusOr<float> Repack(std::span<const uint8_t> data, int64_t rows, int64_t cols) {
    packed_.assign(rows * cols / 4, 0xff);
    return GetParam().repack(data, rows, cols, packed_, "blk.1.attn_k.weight");
  }

  void ExpectCodes() {
    std::vector<int8_t> trits(packed_.size() * 4);
    ASSERT_EQ(trits.size(), codes_.size());
    UnpackI2s(packed_, trits);
    for (size_t i = 0; i < trits.size(); ++i) ASSERT_EQ(trits[i] + 1, codes_[i]) << "element " << i;
  }

  std::vector<uint8_t> codes_;
  std::vector<uint8_t> packed_;
};

TEST_P(TqTest, RoundTrip) {
  const F16 d = F32ToF16(0.37f);
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    const std::vector<uint8_t> data = Tensor(std::vector<F16>(6, d), seed);
    for (const auto& [rows, cols] : {std::pair{1, 1536}, {2, 768}, {3, 512}, {6, 256}}) {
      const absl::StatusOr<float> scale = Repack(data, rows, cols);
      ASSERT_TRUE(scale.ok()) << scale.status();
      EXPECT_EQ(*scale, F16ToF32(d));
      ExpectCodes();
    }
  }
}

TEST_P(TqTest, BlocksOfZerosMayHaveAnyScale) {
  const F16 one = F32ToF16(1.0f), two = F32ToF16(2.0f);
  std::vector<uint8_t> data = Tensor(std::vector<F16>{two, one, two, one}, 3);
  const std::vector<uint8_t> zeros(256, 1);
  for (const size_t block : {0, 2}) {
    const std::vector<uint8_t> bytes = GetParam().pack(zeros, block == 0 ? two : 0);
    std::copy(bytes.begin(), bytes.end(), data.begin() + block * GetParam().block_bytes);
    std::copy(zeros.begin(), zeros.end(), codes_.begin() + block * 256);
  }
  const absl::StatusOr<float> scale = Repack(data, 2, 512);
  ASSERT_TRUE(scale.ok()) << scale.status();
  EXPECT_EQ(*scale, 1.0f);
  ExpectCodes();
  // Nothing but zeros.
  const absl::StatusOr<float> none = Repack(GetParam().pack(zeros, two), 1, 256);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(*none, 0.0f);
}

TEST_P(TqTest, DifferentScalesAreNamed) {
  const std::vector<uint8_t> data = Tensor(std::vector<F16>{F32ToF16(0.5f), F32ToF16(0.5f), F32ToF16(0.75f)}, 4);
  const absl::Status status = Repack(data, 3, 256).status();
  EXPECT_TRUE(absl::IsUnimplemented(status));
  EXPECT_THAT(status.message(), HasSubstr("tensor \"blk.1.attn_k.weight\": "));
  EXPECT_THAT(status.message(), HasSubstr(" block 2: scale: expected 0.5 as in block 0, got 0.75; per-block scales are "
                                          "not supported by the matmul kernels"));
}

TEST_P(TqTest, BadScalesAreRefused) {
  for (const F16 d : {F16{0x7c00}, F16{0x7e00}, F16{0xfc00}, F16{0xbc00}}) {  // inf, NaN, -inf, -1
    const absl::Status status = Repack(Tensor(std::vector<F16>{0x3c00, d}, 5), 1, 512).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr("block 1: scale: expected a finite number >= 0"));
  }
}

TEST_P(TqTest, WrongSizesAreRefused) {
  const std::vector<uint8_t> data = Tensor(std::vector<F16>(2, 0x3c00), 6);
  EXPECT_TRUE(absl::IsInvalidArgument(Repack(std::span(data).first(data.size() - 1), 2, 256).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Repack(data, 4, 128).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Repack(data, 1, 256).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(GetParam().repack(data, int64_t{1} << 40, int64_t{1} << 40, packed_, "t").status()));
}

// All 256 values of one byte of a block: legal ones come back as the very same byte, others are refused by place.
TEST_P(TqTest, EveryByteValueInEveryPlace) {
  const std::vector<uint8_t> good = Tensor(std::vector<F16>{0x3c00}, 8);
  for (size_t place = 0; place < good.size() - 2; ++place) {
    int legal = 0;
    for (int value = 0; value < 256; ++value) {
      std::vector<uint8_t> data = good;
      data[place] = static_cast<uint8_t>(value);
      const absl::StatusOr<float> scale = Repack(data, 1, 256);
      if (!scale.ok()) {
        EXPECT_TRUE(absl::IsInvalidArgument(scale.status()));
        EXPECT_THAT(scale.status().message(), HasSubstr("block 0, byte " + std::to_string(place) + ": 0x"));
        continue;
      }
      ++legal;
      std::vector<int8_t> trits(256);
      UnpackI2s(packed_, trits);
      std::array<uint8_t, 256> codes;
      for (int i = 0; i < 256; ++i) codes[i] = static_cast<uint8_t>(trits[i] + 1);
      ASSERT_EQ(GetParam().pack(codes, 0x3c00), data);
    }
    const bool tq1 = GetParam().block_bytes == 54;
    EXPECT_EQ(legal, tq1 && place < 48 ? 243 : 81) << "byte " << place;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, TqTest,
                         testing::Values(Format{"tq1_0", 54, Tq1Block, RepackTq1ToI2s},
                                         Format{"tq2_0", 66, Tq2Block, RepackTq2ToI2s}),
                         [](const auto& info) { return info.param.name; });

// The arithmetic form of the TQ1_0 decoder, as ggml states it, over all 3^5 groups.
TEST(Tq1Test, TableEqualsTheMultiplication) {
  for (int v = 0; v < 243; ++v) {
    const int digits[5] = {v / 81, v / 27 % 3, v / 9 % 3, v / 3 % 3, v % 3};
    std::array<uint8_t, 256> codes{};
    for (int n = 0; n < 5; ++n) codes[n * 32] = static_cast<uint8_t>(digits[n]);
    const std::vector<uint8_t> block = Tq1Block(codes, 0x3c00);
    uint8_t q = block[0];
    for (int n = 0; n < 5; ++n, q = static_cast<uint8_t>(q * 3)) EXPECT_EQ((q * 3) >> 8, digits[n]) << v;
    std::vector<uint8_t> packed(64);
    ASSERT_TRUE(RepackTq1ToI2s(block, 1, 256, packed, "t").ok());
    std::vector<int8_t> trits(256);
    UnpackI2s(packed, trits);
    for (int n = 0; n < 5; ++n) EXPECT_EQ(trits[n * 32] + 1, digits[n]) << v;
  }
}

}  // namespace
}  // namespace bitnet
