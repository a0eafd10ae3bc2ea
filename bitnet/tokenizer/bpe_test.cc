#include "bitnet/tokenizer/bpe.h"

#include <array>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/tokenizer/merge_table.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

std::array<int32_t, 256> ByteTokens() {
  std::array<int32_t, 256> tokens;
  std::iota(tokens.begin(), tokens.end(), 0);
  return tokens;
}

// The definition, word for word; quadratic.
std::vector<int32_t> MergeByDefinition(const MergeTable& merges, std::string_view word) {
  std::vector<int32_t> tokens;
  for (const char byte : word) tokens.push_back(static_cast<uint8_t>(byte));
  for (;;) {
    const MergeTable::Merge* best = nullptr;
    size_t at = 0;
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
      const MergeTable::Merge* const merge = merges.Find(tokens[i], tokens[i + 1]);
      if (merge != nullptr && (best == nullptr || merge->rank < best->rank)) {
        best = merge;
        at = i;
      }
    }
    if (best == nullptr) return tokens;
    tokens[at] = static_cast<int32_t>(best->merged);
    tokens.erase(tokens.begin() + at + 1);
  }
}

TEST(BpeTest, EqualsTheDefinitionOnRandomMergesAndWords) {
  const std::array<int32_t, 256> byte_tokens = ByteTokens();
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    // Two to four letters, so that pairs collide; each merge joins two tokens that exist, in random order of rank.
    const uint32_t letters = 2 + random() % 3;
    std::vector<uint32_t> tokens(letters);
    std::iota(tokens.begin(), tokens.end(), uint32_t{'a'});
    const uint32_t count = 1 + random() % 30;
    std::vector<uint32_t> ranks(count);
    std::iota(ranks.begin(), ranks.end(), 0);
    for (size_t i = count; i > 1; --i) std::swap(ranks[i - 1], ranks[random() % i]);
    MergeTable merges(count);
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t left = tokens[random() % tokens.size()];
      const uint32_t right = tokens[random() % tokens.size()];
      merges.Insert({left, right, ranks[i], 1000 + i});
      tokens.push_back(1000 + i);
    }
    BpeMerger merger(merges, byte_tokens);
    for (int i = 0; i < 50; ++i) {
      std::string word(random() % 40, ' ');
      for (char& letter : word) letter = static_cast<char>('a' + random() % letters);
      std::vector<int32_t> ids = {-7};  // Append appends
      merger.Append(word, &ids);
      ASSERT_EQ(ids.front(), -7);
      ids.erase(ids.begin());
      ASSERT_EQ(ids, MergeByDefinition(merges, word)) << "round " << round << ", word " << word;
    }
  }
}

TEST(BpeTest, LeftmostOfEqualPairsFirst) {
  const std::array<int32_t, 256> byte_tokens = ByteTokens();
  MergeTable merges(2);
  merges.Insert({'a', 'a', 0, 300});
  merges.Insert({300, 'a', 1, 301});
  BpeMerger merger(merges, byte_tokens);
  std::vector<int32_t> ids;
  merger.Append("aaaaa", &ids);
  EXPECT_EQ(ids, (std::vector<int32_t>{300, 301}));
}

// A megabyte without a break. Quadratic merging would take hours, not a fraction of a second.
TEST(BpeTest, LongWord) {
  const std::array<int32_t, 256> byte_tokens = ByteTokens();
  constexpr int kLevels = 10;  // a, aa, aaaa, ...
  MergeTable merges(kLevels);
  for (uint32_t level = 0; level < kLevels; ++level) {
    const uint32_t part = level == 0 ? 'a' : 300 + level - 1;
    merges.Insert({part, part, level, 300 + level});
  }
  BpeMerger merger(merges, byte_tokens);
  std::vector<int32_t> ids;
  merger.Append(std::string((1 << 20) + 5, 'a'), &ids);
  std::vector<int32_t> expected((1 << 20) >> kLevels, 300 + kLevels - 1);
  expected.push_back(301);  // four
  expected.push_back('a');
  EXPECT_EQ(ids, expected);
}

TEST(MergeTableTest, KeepsTheFirstOfEqualPairsAndFindsEverything) {
  constexpr uint32_t kSide = 40;
  MergeTable merges(kSide * kSide);
  for (uint32_t left = 0; left < kSide; ++left) {
    for (uint32_t right = 0; right < kSide; ++right) merges.Insert({left, right, left * kSide + right, left + right});
  }
  merges.Insert({3, 4, 999999, 1});
  for (uint32_t left = 0; left < kSide; ++left) {
    for (uint32_t right = 0; right < kSide; ++right) {
      const MergeTable::Merge* const merge = merges.Find(left, right);
      ASSERT_NE(merge, nullptr);
      ASSERT_EQ(merge->rank, left * kSide + right);
      ASSERT_EQ(merge->merged, left + right);
    }
    EXPECT_EQ(merges.Find(left, kSide), nullptr);
  }
  EXPECT_EQ(MergeTable(0).Find(0, 0), nullptr);
}

}  // namespace
}  // namespace bitnet
