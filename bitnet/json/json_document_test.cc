#include "bitnet/json/json_document.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/json/json_object.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr JsonLimits kLimits = {.max_bytes = 4096, .max_depth = 4};

std::string Error(std::string_view text) {
  const auto document = JsonDocument::Parse(text, "x.json", kLimits);
  if (document.ok()) return "";
  EXPECT_TRUE(absl::IsInvalidArgument(document.status())) << document.status();
  EXPECT_TRUE(absl::StartsWith(document.status().message(), "x.json: ")) << document.status();
  return std::string(document.status().message());
}

TEST(JsonDocumentTest, RefusesWhatIsNoJson) {
  for (const std::string_view text :
       {"", "{", "{} {}", "{\"a\":01}", "{'a':1}", "{\"a\":1,}", "nul", "\xef\xbb\xbf{}", "{\"a\":\"\x01\"}",
        "{\"a\":\"\xff\"}", "{\"a\":NaN}", "{\"a\":1e999}", "{\"a\":99999999999999999999}", "[1] // one"}) {
    EXPECT_NE(Error(text), "") << text;
  }
  EXPECT_NE(Error(std::string_view("{}\0", 3)), "");
}

TEST(JsonDocumentTest, RefusesNamesGivenTwice) {
  EXPECT_TRUE(absl::StrContains(Error(R"({"a":1,"b":2,"a":1})"), "the name \"a\" occurs twice"));
  EXPECT_TRUE(absl::StrContains(Error(R"({"a":1,"\u0061":1})"), "the name \"a\" occurs twice"));
  EXPECT_TRUE(absl::StrContains(Error(R"({"o":[{"k":1,"k":2}]})"), "the name \"k\" occurs twice"));
  std::string many = "{";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&many, "\"m", i, "\":0,");
  EXPECT_EQ(Error(absl::StrCat(many, "\"m100\":0}")), "");
  EXPECT_TRUE(absl::StrContains(Error(absl::StrCat(many, "\"m37\":0}")), "the name \"m37\" occurs twice"));
}

TEST(JsonDocumentTest, RefusesHalfCharacters) {
  EXPECT_EQ(Error(R"({"a":"\ud83d\ude00"})"), "");
  for (const std::string_view text :
       {R"({"a":"\ud83d"})", R"({"a":"\ud83dx"})", R"({"a":"\ude00"})", R"({"\ud800":1})"}) {
    EXPECT_NE(Error(text), "") << text;
  }
}

TEST(JsonDocumentTest, HoldsItsLimits) {
  EXPECT_EQ(Error("[[[[]]]]"), "");
  EXPECT_EQ(Error("[[[[1]]]]"), "");
  EXPECT_TRUE(absl::StrContains(Error("[[[[[1]]]]]"), "nested at most 4 deep"));
  EXPECT_TRUE(absl::StrContains(Error(R"({"a":{"a":{"a":{"a":{"a":1}}}}})"), "nested at most 4 deep"));
  const std::string deep = absl::StrCat(std::string(2000, '['), "1", std::string(2000, ']'));
  EXPECT_TRUE(absl::StrContains(Error(deep), "nested at most 4 deep"));
  EXPECT_NE(Error(std::string(4000, '[')), "");
  EXPECT_EQ(Error(absl::StrCat("\"", std::string(4094, 'a'), "\"")), "");
  EXPECT_TRUE(absl::StrContains(Error(absl::StrCat("\"", std::string(4095, 'a'), "\"")), "at most 4096 bytes"));
}

TEST(JsonObjectTest, SaysWhatIsWrongWithAMember) {
  const auto document = JsonDocument::Parse(
      R"({"n":5,"minus":-5,"half":0.5,"t":"text","yes":true,"nothing":null,"list":[1],"o":{"inner":7}})", "x.json",
      kLimits);
  ASSERT_TRUE(document.ok()) << document.status();
  const auto object = JsonObject::FromRoot(*document);
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(*object->Uint("n"), 5u);
  EXPECT_EQ(*object->Number("n"), 5.0);
  EXPECT_EQ(*object->Number("half"), 0.5);
  EXPECT_EQ(*object->String("t"), "text");
  EXPECT_TRUE(*object->Bool("yes"));
  EXPECT_EQ(*object->Object("o")->Uint("inner"), 7u);
  EXPECT_EQ(*object->UintOr("nothing", 3), 3u);
  EXPECT_EQ(*object->StringOr("absent", "z"), "z");
  EXPECT_EQ(object->Uint("minus").status().message(),
            "x.json: minus: expected an integer, 0 or more, got the number -5");
  EXPECT_EQ(object->Uint("half").status().message(),
            "x.json: half: expected an integer, 0 or more, got the number 0.5");
  EXPECT_EQ(object->String("nothing").status().message(),
            "x.json: nothing: expected a text, but the member is missing");
  EXPECT_EQ(object->Object("o")->Bool("inner").status().message(),
            "x.json: o.inner: expected true or false, got the number 7");
  EXPECT_EQ(object->Object("list").status().message(), "x.json: list: expected an object, got an array");
}

}  // namespace
}  // namespace bitnet
