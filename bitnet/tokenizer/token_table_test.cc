#include "bitnet/tokenizer/token_table.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(TokenTableTest, FindsWhatWasIndexed) {
  constexpr int kTokens = 1000;
  TokenTable table(kTokens, kTokens * 8);
  for (int i = 0; i < kTokens; ++i) {
    const std::string bytes = std::string("t\0", 2) + std::to_string(i / 2);  // every text twice
    std::memcpy(table.NextBytes(), bytes.data(), bytes.size());
    table.Append(bytes.size());
    EXPECT_EQ(table.Index(i), i % 2 == 0 ? TokenTable::kNone : i - 1);
  }
  const TokenTable moved = std::move(table);
  EXPECT_EQ(moved.size(), kTokens);
  for (int i = 0; i < kTokens; ++i) {
    const std::string bytes = std::string("t\0", 2) + std::to_string(i / 2);
    EXPECT_EQ(moved.Bytes(i), bytes);
    EXPECT_EQ(moved.Find(bytes), i - i % 2);
    EXPECT_EQ(moved.Find(bytes + "x"), TokenTable::kNone);
  }
  EXPECT_EQ(moved.Find(""), TokenTable::kNone);
}

}  // namespace
}  // namespace bitnet
