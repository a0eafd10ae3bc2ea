#include "bitnet/tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/tokenizer/random_text.h"
#include "bitnet/tokenizer/utf8.h"
#include "gtest/gtest.h"
#include "re2/re2.h"

namespace bitnet {
namespace {

std::vector<std::string> Words(PreTokenizer pre, std::string_view text) {
  std::vector<std::string> words;
  WordSplitter(pre).Split(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

struct Case {
  const char* text;
  std::vector<std::string> llama3, gpt2;
};

// The expected words are those of a backtracking matcher with look-ahead (Python's regex module) on the published
// patterns.
const std::vector<Case>& Cases() {
  static const auto& cases = *new std::vector<Case>{
      {"Hello, world!", {"Hello", ",", " world", "!"}, {"Hello", ",", " world", "!"}},
      {"I'VE we'd 'S 's x'\u017Fy 'LLama 'nothing",
       {"I", "'VE", " we", "'d", " '", "S", " '", "s", " x", "'\u017F", "y", " '", "LLama", " '", "nothing"},
       {"I", "'", "VE", " we", "'d", " '", "S", " '", "s", " x", "'", "\u017Fy", " '", "LLama", " '", "nothing"}},
      {"don't DON'T", {"don", "'t", " DON", "'T"}, {"don", "'t", " DON", "'", "T"}},
      {"1234567 12 a1b22",
       {"123", "456", "7", " ", "12", " a", "1", "b", "22"},
       {"1234567", " 12", " a", "1", "b", "22"}},
      {"  two  three   x", {" ", " two", " ", " three", "  ", " x"}, {" ", " two", " ", " three", "  ", " x"}},
      {"trailing   ", {"trailing", "   "}, {"trailing", "   "}},
      {"  \n  x", {"  \n", " ", " x"}, {"  \n ", " x"}},
      {"a\r\n\r\n b\n", {"a", "\r\n\r\n", " b", "\n"}, {"a", "\r\n\r\n", " b", "\n"}},
      {"\t\tx\t", {"\t", "\tx", "\t"}, {"\t", "\t", "x", "\t"}},
      {"a!!\n\n!b ?\r\n", {"a", "!!\n\n", "!b", " ?\r\n"}, {"a", "!!", "\n", "\n", "!", "b", " ?", "\r\n"}},
      {" \u00A0\u3000x\u2003\u2003y",
       {" \u00A0", "\u3000x", "\u2003", "\u2003y"},
       {" \u00A0", "\u3000", "x", "\u2003", "\u2003", "y"}},
      {"\u0085\u2028a\u2028\u2028", {"\u0085", "\u2028a", "\u2028\u2028"}, {"\u0085", "\u2028", "a", "\u2028\u2028"}},
      {"e\u0301\u0301 \u0301x", {"e", "\u0301\u0301", " \u0301", "x"}, {"e", "\u0301\u0301", " \u0301", "x"}},
      {"\U0001F600\U0001F3FD\u200D\U0001F33E ok",
       {"\U0001F600\U0001F3FD\u200D\U0001F33E", " ok"},
       {"\U0001F600\U0001F3FD\u200D\U0001F33E", " ok"}},
      {"\u00BD\u0663\u0664\u0665\u0666 \u2167",
       {"\u00BD\u0663\u0664", "\u0665\u0666", " ", "\u2167"},
       {"\u00BD\u0663\u0664\u0665\u0666", " \u2167"}},
      {"\u6211\u60F3 apple\u5DE5", {"\u6211\u60F3", " apple\u5DE5"}, {"\u6211\u60F3", " apple\u5DE5"}},
      {"\u180E\u180Ea \u200B\uFEFF", {"\u180E\u180E", "a", " \u200B\uFEFF"}, {"\u180E\u180E", "a", " \u200B\uFEFF"}},
      {".hello ..hello", {".hello", " ..", "hello"}, {".", "hello", " ..", "hello"}},
      {"_ _a  _b", {"_", " _", "a", " ", " _", "b"}, {"_", " _", "a", " ", " _", "b"}},
      {"\n \n\t x", {"\n \n", "\t", " x"}, {"\n \n\t", " x"}},
      {"\r\r\n\n", {"\r\r\n\n"}, {"\r\r\n\n"}},
      {"a  1  b", {"a", " ", " ", "1", " ", " b"}, {"a", " ", " 1", " ", " b"}},
      {"' s '", {"'", " s", " '"}, {"'", " s", " '"}},
  };
  return cases;
}

TEST(PreTokenizerTest, PublishedPatterns) {
  for (const Case& c : Cases()) {
    EXPECT_EQ(Words(PreTokenizer::kLlama3, c.text), c.llama3) << c.text;
    EXPECT_EQ(Words(PreTokenizer::kGpt2, c.text), c.gpt2) << c.text;
  }
}

TEST(PreTokenizerTest, InvalidBytesAreSymbols) {
  using Expected = std::vector<std::string>;
  EXPECT_EQ(Words(PreTokenizer::kLlama3, "ab\xFF\xFE"), (Expected{"ab", "\xFF\xFE"}));
  EXPECT_EQ(Words(PreTokenizer::kLlama3, "  \x80!\n\nx"), (Expected{" ", " \x80!\n\n", "x"}));
  EXPECT_EQ(Words(PreTokenizer::kLlama3, "\xC3x \xE2\x82"), (Expected{"\xC3x", " \xE2\x82"}));
  EXPECT_EQ(Words(PreTokenizer::kGpt2, "\xC3x \xE2\x82"), (Expected{"\xC3", "x", " \xE2\x82"}));
  EXPECT_EQ(Words(PreTokenizer::kGpt2, "a\xED\xA0\x80 "), (Expected{"a", "\xED\xA0\x80", " "}));
}

enum class Class : uint8_t { kUnknown, kLetter, kNumber, kSpace, kOther };

// Character classes from the Unicode tables of RE2 (White_Space from PropList.txt), looked up once per character.
Class ClassOf(char32_t c) {
  static auto& classes = *new std::vector<Class>(0x110000, Class::kUnknown);
  Class& known = classes[c];
  if (known != Class::kUnknown) return known;
  static const auto& letter = *new RE2("\\p{L}");
  static const auto& number = *new RE2("\\p{N}");
  static const auto& space = *new RE2("[\\p{Z}\\t-\\r\\x{85}]");  // White_Space = Z and six controls
  std::string text;
  AppendUtf8(c, &text);
  known = RE2::FullMatch(text, letter)   ? Class::kLetter
          : RE2::FullMatch(text, number) ? Class::kNumber
          : RE2::FullMatch(text, space)  ? Class::kSpace
                                         : Class::kOther;
  return known;
}

// A backtracking matcher of the two patterns, alternative by alternative, look-ahead included. Positions and lengths
// count characters; a byte that is not UTF-8 is the character U+0001.
class Oracle {
 public:
  Oracle(PreTokenizer pre, std::string_view text) : llama3_(pre == PreTokenizer::kLlama3), text_(text) {
    for (size_t i = 0; i < text.size();) {
      const size_t length = Utf8CharLength(text.substr(i));
      characters_.push_back(length == 0 ? 1 : DecodeUtf8Char(text.substr(i)));
      offsets_.push_back(i);
      i += length == 0 ? 1 : length;
    }
    offsets_.push_back(text.size());
  }

  std::vector<std::string> Words() const {
    std::vector<std::string> words;
    for (size_t i = 0; i < characters_.size();) {
      const size_t end = Match(i);
      words.emplace_back(text_.substr(offsets_[i], offsets_[end] - offsets_[i]));
      i = end;
    }
    return words;
  }

 private:
  char32_t At(size_t i) const { return i < characters_.size() ? characters_[i] : 0; }
  bool Is(size_t i, Class wanted) const { return i < characters_.size() && ClassOf(characters_[i]) == wanted; }
  bool IsLineEnd(size_t i) const { return i < characters_.size() && (At(i) == '\r' || At(i) == '\n'); }
  size_t Run(size_t i, Class wanted) const {
    while (Is(i, wanted)) ++i;
    return i;
  }

  size_t Contraction(size_t i) const {
    if (At(i) != '\'') return i;
    const auto letter = [&](size_t j) -> char32_t {
      const char32_t c = At(j);
      if (llama3_ && c >= 'A' && c <= 'Z') return c + 32;
      return llama3_ && c == 0x17F ? 's' : c;  // U+017F folds to s
    };
    const char32_t first = letter(i + 1);
    if (first == 's' || first == 't') return i + 2;
    if ((first == 'r' || first == 'v') && letter(i + 2) == 'e') return i + 3;
    if (first == 'm') return i + 2;
    if (first == 'l' && letter(i + 2) == 'l') return i + 3;
    return first == 'd' ? i + 2 : i;
  }

  size_t Match(size_t i) const {
    if (const size_t end = Contraction(i); end > i) return end;
    const size_t after_space = At(i) == ' ' ? i + 1 : i;
    if (llama3_) {
      const bool prefix = !IsLineEnd(i) && !Is(i, Class::kLetter) && !Is(i, Class::kNumber);
      if (prefix && Is(i + 1, Class::kLetter)) return Run(i + 1, Class::kLetter);
      if (Is(i, Class::kLetter)) return Run(i, Class::kLetter);
      if (Is(i, Class::kNumber)) return std::min(i + 3, Run(i, Class::kNumber));
      if (Is(after_space, Class::kOther)) {
        size_t end = Run(after_space, Class::kOther);
        while (IsLineEnd(end)) ++end;
        return end;
      }
      for (size_t end = Run(i, Class::kSpace); end > i; --end) {
        if (IsLineEnd(end - 1)) return end;
      }
    } else {
      for (const Class c : {Class::kLetter, Class::kNumber, Class::kOther}) {
        if (Is(after_space, c)) return Run(after_space, c);
      }
    }
    for (size_t end = Run(i, Class::kSpace); end > i; --end) {
      if (end == characters_.size() || Is(end, Class::kSpace)) return end;  // (?!\S)
    }
    return Run(i, Class::kSpace);
  }

  bool llama3_;
  std::string_view text_;
  std::vector<char32_t> characters_;
  std::vector<size_t> offsets_;  // [characters + 1]
};

class PreTokenizerOracleTest : public testing::TestWithParam<PreTokenizer> {};

TEST_P(PreTokenizerOracleTest, RandomTexts) {
  const WordSplitter splitter(GetParam());
  std::mt19937_64 random(3);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = RandomText(random);
    std::vector<std::string> words;
    splitter.Split(text, [&](std::string_view word) { words.emplace_back(word); });
    ASSERT_EQ(words, Oracle(GetParam(), text).Words()) << "string " << i << ": " << text;
  }
}

// Every short text over one character of each kind that the patterns tell apart.
TEST_P(PreTokenizerOracleTest, EveryShortText) {
  const std::string_view kinds[] = {" ", "\t", "\n", "\r", "\u00A0", "a", "S", "1", "'", "!", "\xFF"};
  constexpr int kLength = 5;
  const WordSplitter splitter(GetParam());
  for (int number = 0; number < 11 * 11 * 11 * 11 * 11; ++number) {
    std::string text;
    for (int i = 0, rest = number; i < kLength; ++i, rest /= 11) text += kinds[rest % 11];
    std::vector<std::string> words;
    splitter.Split(text, [&](std::string_view word) { words.emplace_back(word); });
    ASSERT_EQ(words, Oracle(GetParam(), text).Words()) << text;
  }
}

TEST_P(PreTokenizerOracleTest, EveryCharacterIsMatchedWhole) {
  const WordSplitter splitter(GetParam());
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    AppendUtf8(c, &text);
    int words = 0;
    splitter.Split(text, [&](std::string_view word) {
      ++words;
      ASSERT_EQ(word, text);
    });
    ASSERT_EQ(words, 1) << static_cast<uint32_t>(c);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, PreTokenizerOracleTest, testing::Values(PreTokenizer::kLlama3, PreTokenizer::kGpt2),
                         [](const auto& info) { return info.param == PreTokenizer::kLlama3 ? "Llama3" : "Gpt2"; });

}  // namespace
}  // namespace bitnet
