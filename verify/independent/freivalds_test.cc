#include "verify/independent/freivalds.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/base/philox.h"
#include "gtest/gtest.h"
#include "verify/independent/forgeries.h"
#include "verify/independent/loops.h"
#include "verify/independent/products.h"

namespace bitnet::verify::independent {
namespace {

struct Owned {
  std::vector<uint8_t> codes;
  TernaryMatrix matrix;
};

// `trit(row, col)` in the layout of docs/kernels.md, built from its drawing.
template <typename Fn>
Owned Matrix(int64_t rows, int64_t cols, Fn trit) {
  Owned owned;
  owned.codes.assign(static_cast<size_t>(rows * cols / 4), 0);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t col = 0; col < cols; ++col) {
      const uint32_t code = static_cast<uint32_t>(trit(row, col) + 1);
      const int64_t byte = row * cols / 4 + col / 128 * 32 + col % 32;
      owned.codes[static_cast<size_t>(byte)] |= static_cast<uint8_t>(code << (6 - 2 * (col % 128 / 32)));
    }
  }
  owned.matrix = {.name = "m", .rows = rows, .cols = cols, .codes = owned.codes, .scale = 1};
  return owned;
}

int RandomTrit(int64_t row, int64_t col) {
  return static_cast<int>(PhiloxAt(21, static_cast<uint64_t>(row), static_cast<uint64_t>(col))[0] % 3) - 1;
}

std::vector<SecretPair> Drawn(int64_t rows) {
  auto secrets = DrawSecrets(rows);
  CHECK(secrets.ok()) << secrets.status();
  return *std::move(secrets);
}

constexpr std::pair<int64_t, int64_t> kShapes[] = {{1, 128}, {2, 256},  {3, 128},  {4, 384},
                                                   {5, 128}, {31, 640}, {64, 2560}};

TEST(TernaryTest, TritsAreThoseOfTheDrawing) {
  for (const auto& [rows, cols] : kShapes) {
    const Owned owned = Matrix(rows, cols, RandomTrit);
    std::vector<int16_t> unpacked(static_cast<size_t>(cols));
    for (int64_t row = 0; row < rows; ++row) {
      UnpackTrits(owned.matrix.Row(row), unpacked);
      for (int64_t col = 0; col < cols; ++col) {
        ASSERT_EQ(Trit(owned.matrix, row, col), RandomTrit(row, col));
        ASSERT_EQ(unpacked[static_cast<size_t>(col)], RandomTrit(row, col));
      }
    }
  }
}

TEST(TernaryTest, EveryCode3IsFound) {
  std::vector<uint8_t> codes(10000, 0xaa);
  EXPECT_EQ(FirstIllegalCode(codes), codes.size());
  for (const size_t at : {0, 1, 4095, 4096, 9999}) {
    for (int field = 0; field < 4; ++field) {
      std::vector<uint8_t> bad(codes.size(), 0x69);  // codes 1, 2, 2, 1
      bad[at] |= static_cast<uint8_t>(3 << (2 * field));
      EXPECT_EQ(FirstIllegalCode(bad), at);
    }
  }
}

TEST(FreivaldsTest, ProjectionIsTheDefinition) {
  for (const auto& [rows, cols] : kShapes) {
    const Owned owned = Matrix(rows, cols, RandomTrit);
    const std::vector<SecretPair> secrets = Drawn(rows);
    std::vector<ProjectedPair> expected(static_cast<size_t>(cols));
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t col = 0; col < cols; ++col) {
        for (size_t k = 0; k < kSecrets; ++k) {
          expected[static_cast<size_t>(col)][k] +=
              static_cast<uint64_t>(Trit(owned.matrix, row, col)) * secrets[static_cast<size_t>(row)][k];
        }
      }
    }
    EXPECT_EQ(Project(owned.matrix, secrets), expected) << rows << " x " << cols;
  }
}

TEST(FreivaldsTest, HonestProductsAreAccepted) {
  for (const auto& [rows, cols] : kShapes) {
    for (const int kind : {-1, 0, 1, 2}) {  // all -1, all 0, all +1, random
      const Owned owned =
          Matrix(rows, cols, [kind](int64_t row, int64_t col) { return kind == 2 ? RandomTrit(row, col) : kind; });
      for (const int value : {-128, -127, 0, 1, 127, 1000}) {
        std::vector<int8_t> x;
        for (int64_t col = 0; col < cols; ++col) {
          x.push_back(static_cast<int8_t>(
              value == 1000 ? static_cast<int>(PhiloxAt(5, 5, static_cast<uint64_t>(col))[0] % 255) - 127 : value));
        }
        std::vector<int32_t> z(static_cast<size_t>(rows));
        PlainProduct(owned.matrix, PlainLoops(), x, z);
        EXPECT_TRUE(FreivaldsKey(owned.matrix, Drawn(rows)).Accepts(x, z)) << rows << " " << kind << " " << value;
      }
    }
  }
}

TEST(FreivaldsTest, ForgedProductsAreRefused) {
  const ForgeryTally tally = TryForgeries(100'000, 1, Drawn);
  EXPECT_EQ(tally.honest_refused, 0u);
  for (size_t kind = 0; kind < kForgeries; ++kind) {
    EXPECT_EQ(tally.tried[kind], 10'000u);
    EXPECT_EQ(tally.accepted[kind], 0u) << ForgeryName(static_cast<Forgery>(kind));
  }
}

// Without secrets the same forgeries get through: it is the secrets that find them.
TEST(FreivaldsTest, ForgedProductsPassKnownSecrets) {
  const auto ones = [](int64_t rows) { return std::vector<SecretPair>(static_cast<size_t>(rows), SecretPair{1, 1}); };
  const ForgeryTally tally = TryForgeries(10'000, 2, ones);
  EXPECT_EQ(tally.honest_refused, 0u);
  for (const Forgery kind : {Forgery::kSumPreserving, Forgery::kSwapped, Forgery::kManySumming0}) {
    EXPECT_EQ(tally.accepted[static_cast<size_t>(kind)], 1000u) << ForgeryName(kind);
  }
  EXPECT_EQ(tally.accepted[static_cast<size_t>(Forgery::kOneOff)], 0u);
  EXPECT_EQ(tally.accepted[static_cast<size_t>(Forgery::kAllShifted)], 0u);
  EXPECT_GT(tally.accepted[static_cast<size_t>(Forgery::kRepeated)], 50u);
}

// A wrong output that a secret of 0 hides is still refused beyond what any product can be.
TEST(FreivaldsTest, TheRangeIsCheckedFirst) {
  const Owned owned = Matrix(2, 128, RandomTrit);
  const FreivaldsKey key(owned.matrix, {{0, 0}, {0, 0}});
  const std::vector<int8_t> x(128, 1);
  const int32_t limit = 128 * 128;
  EXPECT_EQ(LargestProduct(128), limit);
  EXPECT_TRUE(key.Accepts(x, std::vector<int32_t>{limit, -limit}));
  EXPECT_FALSE(key.Accepts(x, std::vector<int32_t>{limit + 1, 0}));
  EXPECT_FALSE(key.Accepts(x, std::vector<int32_t>{0, -limit - 1}));
}

// One secret alone must hold and both must: a forgery for which one of the two congruences holds is refused.
TEST(FreivaldsTest, BothSecretsCount) {
  const Owned owned = Matrix(2, 128, RandomTrit);
  const std::vector<int8_t> x(128, 3);
  std::vector<int32_t> z(2);
  PlainProduct(owned.matrix, PlainLoops(), x, z);
  z[0] += 2;
  z[1] -= 1;
  EXPECT_FALSE(FreivaldsKey(owned.matrix, {{5, 5}, {10, 11}}).Accepts(x, z));
  EXPECT_FALSE(FreivaldsKey(owned.matrix, {{5, 5}, {11, 10}}).Accepts(x, z));
  EXPECT_TRUE(FreivaldsKey(owned.matrix, {{5, 5}, {10, 10}}).Accepts(x, z));
}

TEST(FreivaldsTest, SecretsAreDrawnAnewAndSpreadOverAllBits) {
  const std::vector<SecretPair> a = Drawn(1000);
  const std::vector<SecretPair> b = Drawn(1000);
  EXPECT_NE(a, b);
  std::set<uint32_t> seen;
  uint32_t zeros = ~0u;
  uint32_t ones = ~0u;
  for (const SecretPair& pair : a) {
    for (const uint32_t secret : pair) {
      seen.insert(secret);
      ones &= secret;
      zeros &= ~secret;
    }
  }
  EXPECT_GT(seen.size(), 1990u);
  EXPECT_EQ(ones, 0u);
  EXPECT_EQ(zeros, 0u);
}

}  // namespace
}  // namespace bitnet::verify::independent
