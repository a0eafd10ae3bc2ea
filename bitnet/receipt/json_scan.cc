#include "bitnet/receipt/json_scan.h"

#include "absl/strings/ascii.h"

namespace bitnet {
namespace {

// The code unit of a \uXXXX escape at `offset`, or -1 when there is none.
int EscapedUnit(std::string_view text, size_t offset) {
  if (offset + 6 > text.size() || text[offset] != '\\' || text[offset + 1] != 'u') return -1;
  int unit = 0;
  for (int i = 2; i < 6; ++i) {
    const char c = absl::ascii_tolower(static_cast<unsigned char>(text[offset + i]));
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return -1;
    unit = unit * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return unit;
}

// Scans the string that opens at `offset`; returns the offset after its closing quote.
size_t ScanString(std::string_view text, size_t offset, JsonScan& scan) {
  ++scan.strings;
  size_t i = offset + 1;
  while (i < text.size() && text[i] != '"') {
    if (text[i] != '\\') {
      ++i;
      continue;
    }
    const int unit = EscapedUnit(text, i);
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const int next = EscapedUnit(text, i + 6);
      const bool pair = unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff;
      if (!pair && !scan.lone_surrogate_offset) scan.lone_surrogate_offset = i;
      i += pair ? 12 : 6;
    } else {
      i += 2;
    }
  }
  return i + 1;
}

bool IsNumberByte(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// Drops leading digits; returns how many there were.
size_t SkipDigits(std::string_view& token) {
  size_t n = 0;
  while (n < token.size() && absl::ascii_isdigit(static_cast<unsigned char>(token[n]))) ++n;
  token.remove_prefix(n);
  return n;
}

}  // namespace

JsonScan ScanJson(std::string_view text) {
  JsonScan scan;
  size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"') {
      i = ScanString(text, i, scan);
    } else if (c == '-' || absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      size_t end = i + 1;
      while (end < text.size() && IsNumberByte(text[end])) ++end;
      scan.numbers.push_back(text.substr(i, end - i));
      i = end;
    } else {
      ++i;
    }
  }
  return scan;
}

bool IsJsonNumber(std::string_view token) {
  if (!token.empty() && token[0] == '-') token.remove_prefix(1);
  const bool zero = !token.empty() && token[0] == '0';
  const size_t integer_digits = SkipDigits(token);
  if (integer_digits == 0 || (zero && integer_digits > 1)) return false;
  if (!token.empty() && token[0] == '.') {
    token.remove_prefix(1);
    if (SkipDigits(token) == 0) return false;
  }
  if (!token.empty() && (token[0] == 'e' || token[0] == 'E')) {
    token.remove_prefix(1);
    if (!token.empty() && (token[0] == '+' || token[0] == '-')) token.remove_prefix(1);
    if (SkipDigits(token) == 0) return false;
  }
  return token.empty();
}

std::string SignificantDigits(std::string_view number) {
  std::string digits;
  for (const char c : number.substr(0, number.find_first_of("eE"))) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c)) && !(digits.empty() && c == '0')) digits.push_back(c);
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return digits;
}

}  // namespace bitnet
