#include "bitnet/tokenizer/random_text.h"

#include <cstdint>
#include <iterator>
#include <string_view>

#include "bitnet/tokenizer/utf8.h"

namespace bitnet {
namespace {

// Below `limit`; the bias of the remainder does not matter here, being the same on every standard library does.
uint64_t Below(std::mt19937_64& random, uint64_t limit) { return random() % limit; }

template <typename T, size_t n>
const T& Pick(std::mt19937_64& random, const T (&items)[n]) {
  return items[Below(random, n)];
}

char32_t RandomScalar(std::mt19937_64& random) {
  const char32_t c = static_cast<char32_t>(Below(random, 0x110000 - 0x800));
  return c < 0xD800 ? c : c + 0x800;  // leaves the surrogates out
}

constexpr char32_t kWhiteSpace[] = {0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,   0x20,   0x20,
                                    0x85,   0xA0,   0x1680, 0x2000, 0x2003, 0x200A, 0x2028, 0x2029,
                                    0x202F, 0x205F, 0x3000, 0x180E, 0x200B, 0xFEFF};  // the last three look the part
                                                                                      // but are none
constexpr std::string_view kLineEnds[] = {"\n", "\r\n", "\r", "\n\n", "\r\r\n", "\n \n", "\n\t", " \r\n  "};
constexpr std::string_view kWords[] = {"hello",   "Hello",  " world", "the",   " the", "don't", "WE'VE", "'s",  "'LL",
                                       "'\u017F", "I'm",    "x",      "aaaaa", "3",    "33",    "3333",  "٣٤٥", "½",
                                       "étude",   "привет", "我想",   "ខ្មែរ",  "'",    "''",    "!!!",   "--->"};
constexpr std::string_view kEmoji[] = {
    "🚀", "😶‍🌫️", "👩🏽‍💻", "🇩🇪", "✅", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"};
// Lone continuation, cut characters, overlong forms, surrogate, above U+10FFFF, bytes that never occur.
constexpr std::string_view kInvalid[] = {"\x80",     "\xBF\xBF",     "\xC3",         "\xE2\x82",         "\xF0\x9F\x98",
                                         "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF",
                                         "\xFE\xFE"};
constexpr std::string_view kSpecial[] = {"<|", "|>", "<|eot_id|>", "<|end", "<tool>", "<tool>s", "<|begin_of_text|>"};

std::string RandomPiece(std::mt19937_64& random, bool valid_utf8) {
  std::string piece;
  switch (Below(random, valid_utf8 ? 9 : 11)) {
    case 0:
      for (uint64_t n = Below(random, 6); n > 0; --n) AppendUtf8(Pick(random, kWhiteSpace), &piece);
      return piece;
    case 1:
      return std::string(Pick(random, kLineEnds));
    case 2:
    case 3:
      return std::string(Pick(random, kWords));
    case 4:
      return std::string(Pick(random, kEmoji));
    case 5:  // a letter under a heap of combining marks
      piece.push_back('e');
      for (uint64_t n = Below(random, 5); n > 0; --n) AppendUtf8(0x300 + Below(random, 0x70), &piece);
      return piece;
    case 6:
      for (uint64_t n = Below(random, 8); n > 0; --n) AppendUtf8(RandomScalar(random), &piece);
      return piece;
    case 7:
      for (uint64_t n = Below(random, 12); n > 0; --n) piece.push_back(static_cast<char>(Below(random, 128)));
      return piece;
    case 8:
      return std::string(Pick(random, kSpecial));
    case 9:
      return std::string(Pick(random, kInvalid));
    default:
      for (uint64_t n = Below(random, 8); n > 0; --n) piece.push_back(static_cast<char>(Below(random, 256)));
      return piece;
  }
}

}  // namespace

std::string RandomText(std::mt19937_64& random, bool valid_utf8) {
  std::string text;
  for (uint64_t pieces = Below(random, 16); pieces > 0; --pieces) {
    const std::string piece = RandomPiece(random, valid_utf8);
    const uint64_t repeats = Below(random, 8) == 0 ? 1 + Below(random, 5) : 1;
    for (uint64_t i = 0; i < repeats; ++i) text += piece;
  }
  return text;
}

}  // namespace bitnet
