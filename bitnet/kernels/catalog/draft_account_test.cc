#include "bitnet/kernels/catalog/draft_account.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(DraftAccountTest, LengthDoublesWhileDraftsAreRight) {
  DraftAccount account(15);
  for (const uint64_t expected : {2, 4, 8, 15, 15}) {
    EXPECT_EQ(account.Limit(), expected);
    account.OnPasses(1, expected + 1, expected + 1);
  }
}

TEST(DraftAccountTest, LengthIsWhatWasRight) {
  DraftAccount account(8);
  for (int pass = 0; pass < 9; ++pass) account.OnPasses(1, account.Limit() + 1, account.Limit() + 1);
  account.OnPasses(1, 9, 4);
  EXPECT_EQ(account.Limit(), 3u);
  account.OnPasses(1, 4, 1);
  EXPECT_EQ(account.Limit(), 1u);
  account.OnPasses(1, 2, 2);
  EXPECT_EQ(account.Limit(), 2u);
}

TEST(DraftAccountTest, RejectedRowsEmptyItAndTokensFillIt) {
  DraftAccount account(7);
  account.OnPasses(1, 3, 1);
  EXPECT_EQ(account.Limit(), 0u);
  account.OnPasses(30, 1, 1);
  EXPECT_EQ(account.Limit(), 0u) << "31 tokens";
  account.OnPasses(1, 1, 1);
  EXPECT_EQ(account.Limit(), 1u);
}

TEST(DraftAccountTest, NothingIsDraftedWhereNothingMayBe) {
  DraftAccount account(0);
  account.OnPasses(1000, 1, 1);
  EXPECT_EQ(account.Limit(), 0u);
}

// Many passes at once are as many one by one, as what follows shows: no two accounts differ in what they allow.
TEST(DraftAccountTest, SeveralPassesAtOnce) {
  for (const uint64_t rows : {1, 2, 3}) {
    for (const uint64_t passes : {1, 2, 31, 32, 33, 511, 512, 513, 514, 2047, 5000}) {
      DraftAccount together(15);
      DraftAccount apart(15);
      together.OnPasses(passes, rows, rows);
      for (uint64_t i = 0; i < passes; ++i) apart.OnPasses(1, rows, rows);
      for (int after = 0; after < 80; ++after) {
        ASSERT_EQ(together.Limit(), apart.Limit()) << passes << " passes of " << rows << " rows, then " << after;
        const uint64_t wrong = apart.Limit() + 1;
        together.OnPasses(1, wrong, 1);
        apart.OnPasses(1, wrong, 1);
      }
    }
  }
}

TEST(DraftAccountTest, NumbersOfPassesThatNoRunMakes) {
  DraftAccount account(15);
  account.OnPasses(UINT64_MAX, 3, 3);
  EXPECT_EQ(account.Limit(), 4u);
}

TEST(DraftAccountDeathTest, DraftsAreWithinTheLimit) {
  DraftAccount account(15);
  EXPECT_DEATH(account.OnPasses(1, 4, 4), "Limit");
  EXPECT_DEATH(account.OnPasses(1, 3, 4), "kept");
  EXPECT_DEATH(account.OnPasses(2, 3, 1), "passes");
}

}  // namespace
}  // namespace bitnet
