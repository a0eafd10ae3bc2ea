#include "bitnet/tokenizer/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace bitnet {
namespace {

// What a lead byte promises: the length of its character and the range of the second byte, which is what rules out
// overlong forms (E0, F0), surrogates (ED) and values above U+10FFFF (F4). RFC 3629, section 4.
struct Lead {
  size_t length;  // 0: not a lead byte
  uint8_t low, high;
};

Lead LeadOf(char byte) {
  const uint8_t b = static_cast<uint8_t>(byte);
  if (b < 0x80) return {1, 0, 0};
  if (b < 0xC2) return {0, 0, 0};
  if (b < 0xE0) return {2, 0x80, 0xBF};
  if (b < 0xF0)
    return {3, static_cast<uint8_t>(b == 0xE0 ? 0xA0 : 0x80), static_cast<uint8_t>(b == 0xED ? 0x9F : 0xBF)};
  if (b < 0xF5)
    return {4, static_cast<uint8_t>(b == 0xF0 ? 0x90 : 0x80), static_cast<uint8_t>(b == 0xF4 ? 0x8F : 0xBF)};
  return {0, 0, 0};
}

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

// Whether the bytes after the lead are right as far as `text` goes.
bool ContinuesWell(const Lead& lead, std::string_view text) {
  const size_t end = std::min(lead.length, text.size());
  if (end < 2) return true;
  const uint8_t second = static_cast<uint8_t>(text[1]);
  if (second < lead.low || second > lead.high) return false;
  return std::all_of(text.begin() + 2, text.begin() + end, IsContinuation);
}

}  // namespace

size_t Utf8CharLength(std::string_view text) {
  if (text.empty()) return 0;
  const Lead lead = LeadOf(text[0]);
  return lead.length <= text.size() && ContinuesWell(lead, text) ? lead.length : 0;
}

bool IsUtf8(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  while (!text.empty()) {
    uint64_t word;
    if (text.size() >= sizeof(word)) {
      std::memcpy(&word, text.data(), sizeof(word));
      if ((word & kHighBits) == 0) {  // eight ASCII bytes
        text.remove_prefix(sizeof(word));
        continue;
      }
    }
    const size_t length = Utf8CharLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

size_t IncompleteUtf8Suffix(std::string_view text) {
  // A lead byte is never a continuation byte, so the last lead byte decides and looking back three bytes is enough.
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const std::string_view tail = text.substr(text.size() - back);
    if (IsContinuation(tail[0])) continue;
    const Lead lead = LeadOf(tail[0]);
    return lead.length > back && ContinuesWell(lead, tail) ? back : 0;
  }
  return 0;
}

char32_t DecodeUtf8Char(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<uint8_t>(text[i])); };
  const auto low6 = [&](size_t i) { return byte(i) & 0x3F; };
  switch (LeadOf(text[0]).length) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1F) << 6 | low6(1);
    case 3:
      return (byte(0) & 0x0F) << 12 | low6(1) << 6 | low6(2);
    default:
      return (byte(0) & 0x07) << 18 | low6(1) << 12 | low6(2) << 6 | low6(3);
  }
}

void AppendUtf8(char32_t c, std::string* out) {
  const auto tail = [&](int shift) { out->push_back(static_cast<char>(0x80 | (c >> shift & 0x3F))); };
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    tail(6);
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xF0 | c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace bitnet
