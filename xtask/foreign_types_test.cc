// Type numbers with several meanings, told apart by the bytes that a tensor has.

#include "xtask/foreign_types.h"

#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

constexpr uint64_t kRow = 512, kRows = 96, kElements = kRow * kRows;

// The name of the only meaning, "" when there is none; padding up to the alignment does not matter.
std::string Only(uint32_t type_id, uint64_t bytes) {
  const auto fits = ReadingsThatFit(type_id, {.elements = kElements, .row_length = kRow, .bytes = bytes});
  EXPECT_LE(fits.size(), 1u) << type_id << ", " << bytes;
  return fits.empty() ? "" : fits.front().name;
}

TEST(ForeignTypesTest, SharedNumbersAreToldBySize) {
  const uint64_t iq4_nl = kElements / 32 * 18;
  EXPECT_EQ(Only(36, kElements / 4 + 32), "I2_S");
  EXPECT_EQ(Only(36, iq4_nl), "IQ4_NL_4_4");
  EXPECT_EQ(Only(37, kElements), "I8_S");
  EXPECT_EQ(Only(37, iq4_nl), "IQ4_NL_4_8");
  EXPECT_EQ(Only(38, kElements / 4 + 32), "TL1");
  EXPECT_EQ(Only(38, iq4_nl), "IQ4_NL_8_8");
  // 256 columns as pairs, the other 256 as triples of 5 bits, rounded, and a tail.
  EXPECT_EQ(Only(39, (256 * kRows / 3 * 5 / 8 + 31) / 32 * 32 + 256 * kRows / 4 + 32), "TL2");
  EXPECT_EQ(Only(39, kElements / 32 * 17), "MXFP4");
  EXPECT_EQ(Only(42, kElements / 64 * 18), "Q2_0");
  EXPECT_EQ(Only(42, kElements / 128 * 34), "Q2_0 of 128-groups");
}

TEST(ForeignTypesTest, NumbersOfForksHaveTheirNames) {
  EXPECT_EQ(Only(134, kElements / 64 * 13 + 2 * kRows), "IQ1_BN");
  EXPECT_EQ(Only(135, kElements / 64 * 16 + 4 * kRows), "IQ2_BN");
  EXPECT_EQ(Only(142, kElements / 128 * 34), "PQ2_0");
  EXPECT_EQ(Only(143, kElements / 128 * 28), "PTQ1_0");
  EXPECT_EQ(Only(137, 12345), "IQ2_K") << "no size rule: the number decides";
  EXPECT_TRUE(ReadingsOf(9999).empty());
}

TEST(ForeignTypesTest, OtherSizesAreNone) {
  for (const uint32_t id : {36u, 39u, 42u, 142u}) {
    EXPECT_EQ(Only(id, 0), "");
    EXPECT_EQ(Only(id, kElements * 8), "");
    EXPECT_EQ(ReadingsOf(id).empty(), false);
  }
  EXPECT_EQ(Only(142, kElements / 128 * 34 + 31), "PQ2_0");
  EXPECT_EQ(Only(142, kElements / 128 * 34 + 32), "");
  EXPECT_EQ(Only(142, kElements / 128 * 34 - 1), "");
  // Rows that are no whole number of blocks, and sizes beyond 64 bits.
  EXPECT_TRUE(ReadingsThatFit(142, {.elements = 96 * 4, .row_length = 96, .bytes = 102}).empty());
  EXPECT_TRUE(ReadingsThatFit(8, {.elements = uint64_t{1} << 63, .row_length = 32, .bytes = 0}).empty());
}

TEST(ForeignTypesTest, PlainNumbersUnderAFalseLabel) {
  const auto plain = [](uint64_t bytes) {
    return PlainTypeThatFits({.elements = kElements, .row_length = kRow, .bytes = bytes});
  };
  EXPECT_EQ(plain(kElements * 4), "F32");
  EXPECT_EQ(plain(kElements * 2), "F16 or BF16");
  EXPECT_EQ(plain(kElements), "I8");
  EXPECT_EQ(plain(kElements * 3), "");
}

}  // namespace
}  // namespace bitnet::xtask
