#include "bitnet/kernels/rope/rope_table.h"

#include <cmath>
#include <cstring>

#include "bitnet/base/sha256.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr double kBase = 500000.0;

// long double has 11 bits more than the table's arithmetic. The bound: half an ulp of binary32 at 1 (6e-8), plus the
// angle's error, position * 2^-52 or so, which 4096 positions keep below 1e-12.
TEST(RopeTable, AgreesWithLibm) {
  const RopeTable table = RopeTable::Create(128, kBase, 4096);
  for (int64_t position = 0; position < 4096; position += 13) {
    for (int64_t i = 0; i < 64; ++i) {
      const long double angle = position * std::pow(static_cast<long double>(kBase), -2.0L * i / 128);
      ASSERT_NEAR(table.cosines(position)[i], std::cos(angle), 6.1e-8) << position << " " << i;
      ASSERT_NEAR(table.sines(position)[i], std::sin(angle), 6.1e-8) << position << " " << i;
    }
  }
}

TEST(RopeTable, PositionZeroIsTheIdentity) {
  const RopeTable table = RopeTable::Create(64, 10000.0, 1);
  for (int64_t i = 0; i < 32; ++i) {
    EXPECT_EQ(table.cosines(0)[i], 1.0f);
    EXPECT_EQ(table.sines(0)[i], 0.0f);
  }
}

TEST(RopeTable, GrowsInPlaceAndKeepsItsDigest) {
  RopeTable table = RopeTable::Create(8, kBase, 5000);
  EXPECT_EQ(table.positions(), 5000);
  EXPECT_EQ(table.filled(), RopeTable::kSamplePositions);
  const float* before = table.cosines(0);
  const Digest digest = table.digest();
  table.EnsurePositions(4500);
  EXPECT_EQ(table.filled(), 4500);
  table.EnsurePositions(100);  // already there
  EXPECT_EQ(table.filled(), 4500);
  table.EnsurePositions(5000);
  EXPECT_EQ(table.cosines(0), before);
  EXPECT_EQ(ToHex(table.digest()), ToHex(digest));
  EXPECT_NEAR(table.cosines(4999)[0], std::cos(4999.0), 6.1e-8);
}

TEST(RopeTable, ALongerContextHasTheSameRowsAndDigest) {
  const RopeTable small = RopeTable::Create(16, kBase, 4096);
  const RopeTable large = RopeTable::Create(16, kBase, 9000);
  EXPECT_EQ(std::memcmp(small.sines(0), large.sines(0), 4096 * 8 * sizeof(float)), 0);
  EXPECT_EQ(ToHex(small.digest()), ToHex(large.digest()));
  EXPECT_NE(ToHex(small.digest()), ToHex(RopeTable::Create(16, 10000.0, 4096).digest()));
}

// The table of the 2B-4T model at its context size: the value that receipts carry.
TEST(RopeTable, DigestOf2B4T) {
  EXPECT_EQ(ToHex(RopeTable::Create(128, kBase, 4096).digest()),
            "b282fcca5f732d7d20a8798cc22a8f7147d2ecf6436e98d5b69dc246750a1ef2");
}

TEST(RopeTableDeath, RefusesBadShapes) {
  EXPECT_DEATH(RopeTable::Create(7, kBase, 1), "head_dim must be even");
  EXPECT_DEATH(RopeTable::Create(8, 0.0, 1), "freq_base must be positive");
  RopeTable table = RopeTable::Create(8, kBase, 10);
  EXPECT_DEATH(table.EnsurePositions(11), "context size");
}

}  // namespace
}  // namespace bitnet
