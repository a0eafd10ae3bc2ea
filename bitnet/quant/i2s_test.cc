#include "bitnet/quant/i2s.h"

#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/quant/i2s_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

std::vector<int8_t> RandomTrits(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int8_t> trits(count);
  for (int8_t& trit : trits) trit = static_cast<int8_t>(random() % 3) - 1;
  return trits;
}

// The formula of the format, one weight at a time.
int CodeAt(std::span<const uint8_t> packed, size_t i) {
  return (packed[(i / 128) * 32 + i % 32] >> (6 - 2 * ((i % 128) / 32))) & 3;
}

TEST(PackI2sTest, FollowsTheFormula) {
  const std::vector<int8_t> trits = RandomTrits(128 * 9, 1);
  std::vector<uint8_t> packed(trits.size() / 4);
  PackI2s(trits, packed);
  for (size_t i = 0; i < trits.size(); ++i) ASSERT_EQ(CodeAt(packed, i) - 1, trits[i]) << "element " << i;
}

TEST(PackI2sTest, GoldenBlock) {
  // Weight 0 = -1, 32 = 0, 64 = +1, 96 = 0 -> 00 01 10 01; all other weights 0 -> 01 01 01 01.
  std::vector<int8_t> trits(128, 0);
  trits[0] = -1;
  trits[64] = 1;
  std::vector<uint8_t> packed(32);
  PackI2s(trits, packed);
  EXPECT_EQ(packed[0], 0b00011001);
  for (int i = 1; i < 32; ++i) EXPECT_EQ(packed[i], 0b01010101);
}

TEST(UnpackI2sTest, EveryLegalByteInEveryPlace) {
  for (int value = 0; value < 256; ++value) {
    if (((value & (value >> 1)) & 0x55) != 0) continue;  // holds a code 3
    for (int place = 0; place < 32; ++place) {
      std::vector<uint8_t> packed(32, 0x55);
      packed[place] = static_cast<uint8_t>(value);
      std::vector<int8_t> trits(128);
      UnpackI2s(packed, trits);
      for (size_t i = 0; i < 128; ++i) ASSERT_EQ(trits[i], CodeAt(packed, i) - 1);
      std::vector<uint8_t> again(32);
      PackI2s(trits, again);
      ASSERT_EQ(again, packed);
    }
  }
}

TEST(I2sDeathTest, RefusesWhatIsNoTrit) {
  std::vector<int8_t> trits(128, 0);
  trits[77] = 2;
  std::vector<uint8_t> packed(32);
  EXPECT_DEATH(PackI2s(trits, packed), "outside");
  EXPECT_DEATH(PackI2s(std::span(trits).first(64), std::span(packed).first(16)), "");
  EXPECT_DEATH(UnpackI2s(packed, std::span(trits).first(64)), "");
}

TEST(CheckI2sCodesTest, FindsEveryByteValue) {
  for (int value = 0; value < 256; ++value) {
    bool legal = true;
    for (int shift = 0; shift < 8; shift += 2) legal &= ((value >> shift) & 3) != 3;
    for (int place = 0; place < 64; ++place) {
      std::vector<uint8_t> packed(64, 0x96);  // 10 01 01 10
      packed[place] = static_cast<uint8_t>(value);
      ASSERT_EQ(CheckI2sCodes(packed, "t").ok(), legal) << value << " at byte " << place;
    }
  }
}

TEST(CheckI2sCodesTest, NamesTensorAndFirstElement) {
  std::vector<uint8_t> packed(32 * 5, 0x55);
  packed[32 * 4] = 0xff;            // later block
  packed[32 * 3 + 2] = 0b01010111;  // slot 3: element 384 + 96 + 2
  packed[32 * 3 + 9] = 0b01110101;  // slot 1: element 384 + 32 + 9, the first
  const absl::Status status = CheckI2sCodes(packed, "blk.3.ffn_up.weight");
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(),
              HasSubstr("tensor \"blk.3.ffn_up.weight\": I2_S code of element 425: expected 0, 1 or 2"));
  EXPECT_THAT(CheckI2sCodes(packed, "t", 1'000'000).message(), HasSubstr("element 1000425:"));
  EXPECT_THAT(CheckI2sCodes(std::span(packed).first(31), "t").message(), HasSubstr("multiple of 32 bytes, got 31"));
  EXPECT_TRUE(CheckI2sCodes({}, "t").ok());
}

TEST(CountTritsTest, EqualsANaiveCount) {
  std::mt19937 random(7);
  for (const size_t size : {0, 1, 7, 8, 9, 24, 32, 503, 504, 505, 512, 1007, 1008, 1016, 4096, 10000}) {
    std::vector<uint8_t> packed(size);
    for (uint8_t& byte : packed) byte = static_cast<uint8_t>(random());
    TernaryStats expected;
    uint64_t* const counts[] = {&expected.count_minus, &expected.count_zero, &expected.count_plus,
                                &expected.count_illegal};
    for (uint8_t byte : packed) {
      for (int shift = 0; shift < 8; shift += 2) ++*counts[(byte >> shift) & 3];
    }
    EXPECT_EQ(CountTrits(packed), expected) << size << " bytes";
  }
}

TEST(CountTritsTest, FullLanesDoNotOverflow) {
  const size_t size = 1 << 20;
  EXPECT_EQ(CountTrits(std::vector<uint8_t>(size, 0x00)), (TernaryStats{4 * size, 0, 0, 0}));
  EXPECT_EQ(CountTrits(std::vector<uint8_t>(size, 0x55)), (TernaryStats{0, 4 * size, 0, 0}));
  EXPECT_EQ(CountTrits(std::vector<uint8_t>(size, 0xaa)), (TernaryStats{0, 0, 4 * size, 0}));
  EXPECT_EQ(CountTrits(std::vector<uint8_t>(size, 0xff)), (TernaryStats{0, 0, 0, 4 * size}));
}

TEST(I2sScaleTest, ReadsTheTail) {
  std::vector<uint8_t> data(64 + 32, 0xee);  // the other 28 bytes are garbage in old files
  for (const float scale :
       {0.0f, 1.2345f, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max()}) {
    std::memcpy(data.data() + 64, &scale, 4);
    EXPECT_EQ(*I2sScale(data, "t"), scale);
  }
}

TEST(I2sScaleTest, RefusesWhatIsNoScale) {
  std::vector<uint8_t> data(64 + 32);
  for (const float scale : {-1.0f, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    std::memcpy(data.data() + 64, &scale, 4);
    const absl::Status status = I2sScale(data, "blk.0.attn_q.weight").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr("\"blk.0.attn_q.weight\": I2_S scale at byte 64 of the tensor"));
  }
  for (const size_t size : {0, 32, 63, 65}) {
    EXPECT_THAT(I2sScale(std::span(data).first(size), "t").status().message(), HasSubstr("bytes of tail, got"));
  }
}

}  // namespace
}  // namespace bitnet
