#include "bitnet/tokenizer/utf8.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(Utf8Test, EveryScalarValueIsOneCharacter) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    AppendUtf8(c, &text);
    ASSERT_EQ(Utf8CharLength(text), text.size()) << static_cast<uint32_t>(c);
    ASSERT_EQ(DecodeUtf8Char(text), c);
    for (size_t cut = 1; cut < text.size(); ++cut) {
      ASSERT_EQ(Utf8CharLength(text.substr(0, cut)), 0u) << static_cast<uint32_t>(c);
      ASSERT_EQ(IncompleteUtf8Suffix("x" + text.substr(0, cut)), cut) << static_cast<uint32_t>(c);
    }
    ASSERT_EQ(IncompleteUtf8Suffix("x" + text), 0u) << static_cast<uint32_t>(c);
  }
}

// Every string of three bytes, against the definition: a character exists when some scalar value encodes to it.
TEST(Utf8Test, NothingElseIsACharacter) {
  std::string text(3, '\0');
  int characters_of_three = 0;
  for (int first = 0x80; first < 0x100; ++first) {
    for (int second = 0; second < 0x100; ++second) {
      for (int third = 0; third < 0x100; ++third) {
        text[0] = static_cast<char>(first);
        text[1] = static_cast<char>(second);
        text[2] = static_cast<char>(third);
        const size_t length = Utf8CharLength(text);
        characters_of_three += length == 3;
        if (length == 0) continue;
        std::string again;
        AppendUtf8(DecodeUtf8Char(text), &again);
        ASSERT_EQ(again, text.substr(0, length));
      }
    }
  }
  EXPECT_EQ(characters_of_three, 0x10000 - 0x800 - 0x800);  // without the one- and two-byte ones and the surrogates
}

TEST(Utf8Test, Refused) {
  for (const std::string_view text :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "\xC3(", "\xE2\x82("}) {
    EXPECT_EQ(Utf8CharLength(text), 0u);
    EXPECT_EQ(IncompleteUtf8Suffix(text), 0u);
    EXPECT_FALSE(IsUtf8(std::string("eight bytes ") + std::string(text)));
    EXPECT_FALSE(IsUtf8(std::string(text) + " and more"));
  }
  EXPECT_EQ(Utf8CharLength(""), 0u);
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain ASCII of some length, then é and 🚀 and more"));
}

}  // namespace
}  // namespace bitnet
