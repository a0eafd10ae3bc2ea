// A lexical pass over JSON text, for what a parsed tree no longer shows: how numbers were spelt, and whether the
// escapes in strings name whole characters.

#ifndef BITNET_RECEIPT_JSON_SCAN_H_
#define BITNET_RECEIPT_JSON_SCAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitnet {

struct JsonScan {
  std::vector<std::string_view> numbers;  // in document order, as spelt; views into the text
  uint64_t strings = 0;
  // Of the first \ud800..\udfff escape that is not half of a pair.
  std::optional<size_t> lone_surrogate_offset;
};

// Works on any bytes; for text that is not JSON the result is a best effort that only explains an error.
JsonScan ScanJson(std::string_view text);

// True for -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? (RFC 8259, section 6).
bool IsJsonNumber(std::string_view token);

// The digits of a number without sign, point, exponent, leading and trailing zeros: "0.1250e3" -> "125".
std::string SignificantDigits(std::string_view number);

}  // namespace bitnet

#endif  // BITNET_RECEIPT_JSON_SCAN_H_
