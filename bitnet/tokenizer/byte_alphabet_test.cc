#include "bitnet/tokenizer/byte_alphabet.h"

#include <set>
#include <string>
#include <string_view>

#include "bitnet/tokenizer/utf8.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

std::string Decoded(std::string_view text) {
  std::string bytes(text.size(), '\0');
  const char* const end = DecodeByteAlphabet(text, bytes.data());
  if (end == nullptr) return "outside";
  bytes.resize(end - bytes.data());
  return bytes;
}

TEST(ByteAlphabetTest, KnownCharacters) {
  EXPECT_EQ(EncodeByteAlphabet(" the\n"), "ĠtheĊ");
  EXPECT_EQ(EncodeByteAlphabet(std::string_view("\0\x7F\xA0\xAD\xAE\xFF", 6)), "ĀġłŃ®ÿ");
  EXPECT_EQ(Decoded("ĠtheĊ"), " the\n");
}

TEST(ByteAlphabetTest, EveryByteHasItsOwnCharacter) {
  std::set<std::string> characters;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    const std::string text = EncodeByteAlphabet(bytes);
    EXPECT_EQ(Utf8CharLength(text), text.size());
    EXPECT_EQ(Decoded(text), bytes);
    characters.insert(text);
  }
  EXPECT_EQ(characters.size(), 256u);
}

TEST(ByteAlphabetTest, EveryOtherCharacterIsOutside) {
  int inside = 0;
  for (char32_t c = 0; c < 0x10000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    AppendUtf8(c, &text);
    inside += Decoded(text) != "outside";
  }
  EXPECT_EQ(inside, 256);
  for (const char* text : {" ", "a b", "\t", "\xC4", "a\xC4", "\xC4(", "\xC4\xC4", "\xFF", "🚀"}) {
    EXPECT_EQ(Decoded(text), "outside") << text;
  }
}

}  // namespace
}  // namespace bitnet
