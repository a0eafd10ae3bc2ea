#include "bitnet/engine/prompt_lookup.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "bitnet/kernels/catalog/draft_account.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kTokensPerRow = DraftAccount::kTokensPerRow;

std::vector<TokenId> Draft(PromptLookup& lookup, const std::vector<TokenId>& history, int64_t limit = 100) {
  const auto draft = lookup.Draft(history, limit);
  return {draft.begin(), draft.end()};
}

// With an account that lets everything through.
PromptLookup Trusted(int64_t max_draft) {
  PromptLookup lookup(max_draft);
  for (int i = 0; i < 40; ++i) {
    const int64_t rows = 1 + static_cast<int64_t>(Draft(lookup, {1, 2, 1, 2, 1, 2}).size());
    lookup.OnPass(rows, rows);
  }
  return lookup;
}

TEST(PromptLookupTest, ProposesWhatFollowedTheLongestRun) {
  PromptLookup lookup = Trusted(4);
  // 7 8 was followed by 9; 6 7 8, which is longer and farther away, by 5.
  EXPECT_EQ(Draft(lookup, {6, 7, 8, 5, 4, 3, 2, 7, 8, 9, 1, 6, 7, 8}), (std::vector<TokenId>{5, 4, 3, 2}));
  // Of equal runs the latest.
  EXPECT_EQ(Draft(lookup, {7, 8, 5, 1, 7, 8, 6, 2, 3, 7, 8}), (std::vector<TokenId>{6, 2, 3, 7}));
}

TEST(PromptLookupTest, ASingleTokenIsNoRun) {
  PromptLookup lookup = Trusted(4);
  EXPECT_TRUE(Draft(lookup, {1, 7, 2, 7}).empty());
  EXPECT_TRUE(Draft(lookup, {7}).empty());
  EXPECT_TRUE(Draft(lookup, {}).empty());
  EXPECT_TRUE(Draft(lookup, {7, 7}).empty());
  EXPECT_EQ(Draft(lookup, {7, 7, 7}), (std::vector<TokenId>{7, 7, 7, 7}));
}

// What is repeating now goes on repeating, beyond what was said so far.
TEST(PromptLookupTest, LoopsAreContinued) {
  PromptLookup lookup = Trusted(7);
  EXPECT_EQ(Draft(lookup, {1, 2, 3, 1, 2, 3, 1, 2}), (std::vector<TokenId>{3, 1, 2, 3, 1, 2, 3}));
}

TEST(PromptLookupTest, NeverMoreThanAsked) {
  const std::vector<TokenId> loop = {1, 2, 1, 2, 1, 2};
  for (const int64_t limit : {0, 1, 3, 7, 9}) {
    PromptLookup lookup = Trusted(7);
    EXPECT_EQ(Draft(lookup, loop, limit).size(), static_cast<size_t>(std::min<int64_t>(limit, 7)));
  }
  PromptLookup lookup = Trusted(7);
  EXPECT_TRUE(Draft(lookup, loop, -5).empty());
  PromptLookup off(0);
  EXPECT_TRUE(Draft(off, loop).empty());
}

TEST(PromptLookupTest, LengthFollowsWhatWasRight) {
  PromptLookup lookup = Trusted(8);
  const std::vector<TokenId> loop = {1, 2, 1, 2, 1, 2};
  EXPECT_EQ(Draft(lookup, loop).size(), 8u);
  lookup.OnPass(9, 4);
  EXPECT_EQ(Draft(lookup, loop).size(), 3u);
  lookup.OnPass(4, 1);
  EXPECT_EQ(Draft(lookup, loop).size(), 1u);
  lookup.OnPass(2, 2);
  EXPECT_EQ(Draft(lookup, loop).size(), 2u);
  lookup.OnPass(3, 3);
  EXPECT_EQ(Draft(lookup, loop).size(), 4u);
}

// What draft_account.h promises of text that never repeats as it seems to: at most 2 rows and one for every
// 32 tokens are rejected, whatever is drafted.
TEST(PromptLookupTest, AlwaysWrongCostsABoundedNumberOfRows) {
  for (const int64_t max_draft : {1, 4, 15}) {
    PromptLookup lookup(max_draft);
    const std::vector<TokenId> loop = {1, 2, 1, 2, 1, 2};
    int64_t rejected = 0;
    for (int64_t tokens = 1; tokens <= 1000; ++tokens) {
      const int64_t drafted = static_cast<int64_t>(Draft(lookup, loop).size());
      lookup.OnPass(drafted + 1, 1);
      rejected += drafted;
      EXPECT_LE(rejected, 2 + tokens / kTokensPerRow);
    }
    EXPECT_GE(rejected, 1000 / kTokensPerRow) << "it never gives up for good";
  }
}

// And of any mixture: no more rejected than accepted beyond that.
TEST(PromptLookupTest, RightsPayForWrongs) {
  PromptLookup lookup(15);
  const std::vector<TokenId> loop = {1, 2, 1, 2, 1, 2};
  uint64_t state = 1;
  int64_t rejected = 0, accepted = 0, tokens = 0;
  for (int pass = 0; pass < 3000; ++pass) {
    const int64_t drafted = static_cast<int64_t>(Draft(lookup, loop).size());
    state = state * 6364136223846793005u + 1442695040888963407u;
    const int64_t right = static_cast<int64_t>((state >> 33) % static_cast<uint64_t>(drafted + 1));
    lookup.OnPass(drafted + 1, right + 1);
    accepted += right;
    rejected += drafted - right;
    tokens += right + 1;
    ASSERT_LE(rejected, 2 + accepted + tokens / kTokensPerRow) << "pass " << pass;
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace bitnet
