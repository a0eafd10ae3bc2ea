#include "bitnet/tokenizer/pre_tokenizer.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/log/check.h"
#include "absl/strings/string_view.h"
#include "bitnet/tokenizer/utf8.h"

namespace bitnet {
namespace {

// Unicode White_Space (PropList.txt), as the inside of a character class.
#define BITNET_WHITE_SPACE \
  "\\t-\\r \\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}"

constexpr char kLlama3Pattern[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    "|[^\\r\\n\\pL\\pN]?\\pL+"
    "|\\pN{1,3}"
    "| ?[^" BITNET_WHITE_SPACE
    "\\pL\\pN]+[\\r\\n]*"
    "|[" BITNET_WHITE_SPACE
    "]*[\\r\\n]+"
    "|[" BITNET_WHITE_SPACE "]+";

constexpr char kGpt2Pattern[] =
    "'s|'t|'re|'ve|'m|'ll|'d"
    "| ?\\pL+"
    "| ?\\pN+"
    "| ?[^" BITNET_WHITE_SPACE
    "\\pL\\pN]+"
    "|[" BITNET_WHITE_SPACE "]+";

#undef BITNET_WHITE_SPACE

bool IsWhiteSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Equal to `text` but for bytes that are not UTF-8, each replaced by U+0001. Same length, so offsets carry over.
std::string WithSymbolsForInvalidBytes(std::string_view text) {
  std::string result(text);
  for (size_t i = 0; i < result.size();) {
    const size_t length = Utf8CharLength(text.substr(i));
    if (length == 0) result[i] = '\x01';
    i += length == 0 ? 1 : length;
  }
  return result;
}

// Start of the last character of well-formed, non-empty UTF-8.
size_t LastCharacter(std::string_view text) {
  size_t i = text.size() - 1;
  while ((static_cast<uint8_t>(text[i]) & 0xC0) == 0x80) --i;
  return i;
}

}  // namespace

WordSplitter::WordSplitter(PreTokenizer pre)
    : pre_(pre),
      pattern_(std::make_unique<RE2>(pre == PreTokenizer::kLlama3 ? kLlama3Pattern : kGpt2Pattern, RE2::Quiet)) {
  CHECK(pattern_->ok()) << pattern_->error();
}

void WordSplitter::Split(std::string_view text, absl::FunctionRef<void(std::string_view)> word) const {
  std::string symbols;
  std::string_view subject = text;
  if (!IsUtf8(text)) subject = symbols = WithSymbolsForInvalidBytes(text);

  for (size_t begin = 0; begin < subject.size();) {
    // Every character is in \s, \pL, \pN or the complement of the three, so something always matches.
    absl::string_view match;
    CHECK(pattern_->Match(subject, begin, subject.size(), RE2::ANCHOR_START, &match, 1) && !match.empty())
        << "no alternative matches at byte " << begin;
    size_t length = match.size();
    if (begin + length < subject.size()) {
      // Adjustment 1. Only the alternative `\s+` ends in white space, except Llama-3's two that end in [\r\n].
      const size_t last = LastCharacter(match);
      const char32_t c = DecodeUtf8Char(match.substr(last));
      const bool is_line_end = pre_ == PreTokenizer::kLlama3 && (c == '\r' || c == '\n');
      if (last > 0 && IsWhiteSpace(c) && !is_line_end) length = last;
    }
    word(text.substr(begin, length));
    begin += length;
  }
}

}  // namespace bitnet
