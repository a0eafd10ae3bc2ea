#include "bitnet/receipt/json_reader.h"

#include <string>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

JsonIssueKind FirstIssue(std::string_view text) {
  const ParsedJson parsed = ParseReceiptJson(text);
  EXPECT_FALSE(parsed.issues.empty()) << text;
  return parsed.issues.empty() ? JsonIssueKind::kUnknown : parsed.issues[0].kind;
}

TEST(ParseJsonTextTest, KeepsKindsAndOrder) {
  const auto value =
      ParseJsonText(R"( {"b":[1,-2,18446744073709551615,1.0,1e3],"a":{"x":null,"y":true,"z":"\u00e9\ud83d\ude00"}} )");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(value->object()[0].name, "b");
  EXPECT_EQ(value->AtPath("/b/0")->AsUint64(), 1);
  EXPECT_EQ(value->AtPath("/b/1")->AsInt64(), -2);
  EXPECT_EQ(value->AtPath("/b/1")->AsUint64(), std::nullopt);
  EXPECT_EQ(value->AtPath("/b/2")->AsUint64(), 18446744073709551615u);
  EXPECT_EQ(value->AtPath("/b/2")->AsInt64(), std::nullopt);
  EXPECT_TRUE(value->AtPath("/b/3")->is_double());
  EXPECT_EQ(value->AtPath("/b/4")->double_value(), 1000.0);
  EXPECT_TRUE(value->AtPath("/a/x")->is_null());
  EXPECT_TRUE(value->AtPath("/a/y")->bool_value());
  EXPECT_EQ(value->AtPath("/a/z")->string(), "\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(value->AtPath("/a/w"), nullptr);
  EXPECT_EQ(value->AtPath("/b/5"), nullptr);
  EXPECT_EQ(value->AtPath("/b/01x"), nullptr);
  EXPECT_EQ(value->AtPath("b"), nullptr);
}

TEST(ParseJsonTextTest, PathsEscapeSlashAndTilde) {
  const auto value = ParseJsonText(R"({"a/b~c": 1})");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(ChildPath("", "a/b~c"), "/a~1b~0c");
  EXPECT_EQ(value->AtPath("/a~1b~0c")->AsInt64(), 1);
}

TEST(ParseJsonTextTest, RefusesWhatIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "0x1",
                           "NaN",
                           "Infinity",
                           "nul",
                           "tru",
                           "[1] 2",
                           "\"\\x\"",
                           "\"\\ud800\"",
                           "\"\\udc00\\ud800\"",
                           "\"\t\"",
                           "\"\xff\"",
                           "\"\xc0\x80\"",
                           "\"\xed\xa0\x80\"",
                           "\xef\xbb\xbf{}",
                           "// x\n{}",
                           "{\"a\" 1}",
                           "{\"a\":}",
                           "[1 2]",
                           "]",
                           "\"",
                           "1e",
                           "-"}) {
    EXPECT_FALSE(ParseJsonText(text).ok()) << text;
  }
  EXPECT_FALSE(ParseJsonText(std::string_view("{}\0", 3)).ok());
  EXPECT_FALSE(ParseJsonText(std::string(100000, '[')).ok());
  EXPECT_FALSE(ParseJsonText("1e400").ok());
}

TEST(ParseReceiptJsonTest, NamesEachKindOfIssue) {
  EXPECT_EQ(FirstIssue("[]"), JsonIssueKind::kSyntax);
  EXPECT_EQ(FirstIssue("{} {}"), JsonIssueKind::kSyntax);
  EXPECT_EQ(FirstIssue(R"({"a":01})"), JsonIssueKind::kSyntax);
  EXPECT_EQ(FirstIssue(R"({"a":1e400})"), JsonIssueKind::kNumber);
  EXPECT_EQ(FirstIssue(R"({"a":-1e400})"), JsonIssueKind::kNumber);
  EXPECT_EQ(FirstIssue(R"({"a":99999999999999999999999})"), JsonIssueKind::kNumber);
  EXPECT_EQ(FirstIssue(R"({"a":9007199254740992})"), JsonIssueKind::kNumber);
  EXPECT_EQ(FirstIssue(R"({"a":-9007199254740992})"), JsonIssueKind::kNumber);
  EXPECT_EQ(FirstIssue(R"({"a":0.30000000000000004441})"), JsonIssueKind::kNumber);
  EXPECT_EQ(FirstIssue(R"({"a":1,"a":1})"), JsonIssueKind::kDuplicate);
  EXPECT_EQ(FirstIssue(R"({"a":1,"\u0061":1})"), JsonIssueKind::kDuplicate);
  EXPECT_EQ(FirstIssue(R"({"a":1,"A":1})"), JsonIssueKind::kDuplicate);
  EXPECT_EQ(FirstIssue(R"({"a_b":1,"aB":1})"), JsonIssueKind::kDuplicate);
  EXPECT_EQ(FirstIssue(R"({"x":[{"a":1,"a":2}]})"), JsonIssueKind::kDuplicate);
  EXPECT_EQ(FirstIssue(R"({"a":[[[[[[[[]]]]]]]]})"), JsonIssueKind::kLimit);
  EXPECT_EQ(FirstIssue(R"({"a":")" + std::string(kMaxReceiptBytes, 'x') + "\"}"), JsonIssueKind::kLimit);
}

TEST(ParseStrictJsonTest, LimitsAreTheCallers) {
  const std::string_view text = R"({"a":[[1]]})";
  EXPECT_TRUE(ParseStrictJson(text, {text.size(), 3}).issues.empty());
  const ParsedJson deep = ParseStrictJson(text, {text.size(), 2});
  ASSERT_EQ(deep.issues.size(), 1);
  EXPECT_EQ(deep.issues[0].message, "nested deeper than 2");
  const ParsedJson large = ParseStrictJson(text, {text.size() - 1, 3});
  ASSERT_EQ(large.issues.size(), 1);
  EXPECT_EQ(large.issues[0].message, "the text is larger than 10 bytes");
  EXPECT_FALSE(large.value.has_value());
  const std::string wide = "{\"a\":\"" + std::string(2 * kMaxReceiptBytes, 'x') + "\"}";
  EXPECT_TRUE(ParseStrictJson(wide, {wide.size(), 1}).issues.empty());
}

TEST(ParseReceiptJsonTest, AcceptsTheExtremes) {
  for (const char* text :
       {"{}", R"({"a":9007199254740991,"b":-9007199254740991})", R"({"a":0.1,"b":1e-7,"c":1E+22})",
        R"({"a":[[[[[[[]]]]]]]})", R"({"a":{"x":1},"b":{"x":1}})", R"({"a":-0.0,"b":0.0,"c":100.0})"}) {
    EXPECT_TRUE(ParseReceiptJson(text).issues.empty()) << text;
  }
}

TEST(ParseReceiptJsonTest, CountsWhatItLookedAt) {
  const JsonCensus census = ParseReceiptJson(R"({"a":[1,2.5,"x"],"b":{"c":-3}})").census;
  EXPECT_EQ(census.bytes, 30);
  EXPECT_EQ(census.members, 3);
  EXPECT_EQ(census.numbers, 3);
  EXPECT_EQ(census.strings, 4);
  EXPECT_EQ(census.depth, 2);
}

TEST(ParseReceiptJsonTest, IssuesCarryTheirPath) {
  const ParsedJson parsed = ParseReceiptJson(R"({"a":[{"b":9007199254740993}],"c":1,"C":2})");
  ASSERT_EQ(parsed.issues.size(), 2);
  EXPECT_EQ(parsed.issues[0].path, "/a/0/b");
  EXPECT_EQ(parsed.issues[1].path, "/C");
}

}  // namespace
}  // namespace bitnet
