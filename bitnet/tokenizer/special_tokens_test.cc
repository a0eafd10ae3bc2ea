#include "bitnet/tokenizer/special_tokens.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using Kind = SpecialTokens::Kind;

SpecialTokens Sorted(std::initializer_list<SpecialTokens::Token> tokens) {
  SpecialTokens result;
  for (const SpecialTokens::Token& token : tokens) result.Add(token);
  EXPECT_TRUE(result.Sort().ok());
  return result;
}

// "begin+size=id" of the first occurrence, "-" when there is none.
std::string Found(const SpecialTokens& tokens, std::string_view text, size_t begin, bool control) {
  const auto found = tokens.FindFirst(text, begin, control);
  if (!found.has_value()) return "-";
  return std::to_string(found->begin) + "+" + std::to_string(found->size) + "=" + std::to_string(found->id);
}

TEST(SpecialTokensTest, FirstThenLongest) {
  const SpecialTokens tokens = Sorted({{"<a>", 1, Kind::kControl},
                                       {"<a>b", 2, Kind::kControl},
                                       {"<a>bcd", 3, Kind::kControl},
                                       {"a>b", 4, Kind::kControl},
                                       {"\xFF", 5, Kind::kControl}});
  EXPECT_EQ(Found(tokens, "x<a>bcd", 0, true), "1+6=3");
  EXPECT_EQ(Found(tokens, "x<a>bcx", 0, true), "1+4=2");
  EXPECT_EQ(Found(tokens, "x<a><a>b", 0, true), "1+3=1");
  EXPECT_EQ(Found(tokens, "x<a><a>b", 4, true), "4+4=2");
  EXPECT_EQ(Found(tokens, "<<a", 0, true), "-");
  EXPECT_EQ(Found(tokens, "a>b", 0, true), "0+3=4");
  EXPECT_EQ(Found(tokens, "ab\xFF", 0, true), "2+1=5");
  EXPECT_EQ(Found(tokens, "", 0, true), "-");
}

TEST(SpecialTokensTest, ControlTokensOnlyOnRequest) {
  const SpecialTokens tokens = Sorted({{"<a>", 1, Kind::kUserDefined},
                                       {"<a>b", 2, Kind::kControl},
                                       {"<a>bc", 3, Kind::kUnmatched},
                                       {"<c>", 4, Kind::kControl}});
  EXPECT_EQ(Found(tokens, "<c><a>bc", 0, false), "3+3=1");
  EXPECT_EQ(Found(tokens, "<c><a>bc", 0, true), "0+3=4");
  EXPECT_EQ(Found(tokens, "<c><a>bc", 1, true), "3+4=2");
}

TEST(SpecialTokensTest, ExactLookUp) {
  const SpecialTokens tokens = Sorted({{"<b>", 1, Kind::kControl}, {"<a>", 2, Kind::kUnmatched}});
  ASSERT_NE(tokens.FindExact("<a>"), nullptr);
  EXPECT_EQ(tokens.FindExact("<a>")->id, 2);
  EXPECT_EQ(tokens.FindExact("<"), nullptr);
  EXPECT_EQ(tokens.FindExact("<c>"), nullptr);
}

TEST(SpecialTokensTest, TwinsAreNamed) {
  SpecialTokens tokens;
  tokens.Add({"<a>", 7, Kind::kControl});
  tokens.Add({"<b>", 8, Kind::kControl});
  tokens.Add({"<a>", 9, Kind::kUserDefined});
  const absl::Status status = tokens.Sort();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "tokens 7 and 9 are both \"<a>\"; expected distinct tokens");
}

}  // namespace
}  // namespace bitnet
