// Strict reading of JSON from outside.
//
// simdjson does the parsing (exactly RFC 8259, UTF-8 checked). What a parser is free to let through, and what two
// parsers may therefore understand differently, is refused here: byte order marks, lone surrogates, duplicate names,
// numbers that a double or 2^53-1 cannot hold, great depth and size.

#ifndef BITNET_RECEIPT_JSON_READER_H_
#define BITNET_RECEIPT_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet {

// What is wrong with a text. Each kind is one rule of the auditor.
enum class JsonIssueKind : uint8_t {
  kSyntax,     // L0-JSON: not one JSON text in UTF-8 without a byte order mark, or not an object
  kLimit,      // L0-LIMIT: larger or deeper than a receipt may be
  kDuplicate,  // L0-DUP: two members of one object that some reader would take for the same one
  kNumber,     // L0-NUM: a number outside the interoperable range
  kType,       // L0-TYPE: a known member of another type than the schema says
  kUnknown,    // L0-UNKNOWN: a member that the schema does not have
};

struct JsonIssue {
  JsonIssueKind kind;
  std::string path;  // JSON pointer of the value, "" for the whole text
  std::string message;
};

// What was looked at: the evidence behind "nothing was wrong".
struct JsonCensus {
  uint64_t bytes = 0;
  uint64_t members = 0;
  uint64_t numbers = 0;
  uint64_t strings = 0;  // names included
  uint64_t depth = 0;    // of nested arrays and objects; 1 for "{}"
};

struct ParsedJson {
  std::optional<JsonValue> value;  // empty when the text could not be read at all
  std::vector<JsonIssue> issues;
  JsonCensus census;
};

inline constexpr size_t kMaxReceiptBytes = 64 * 1024;
inline constexpr uint64_t kMaxReceiptDepth = 8;
// The largest integer that every JSON reader keeps exact: 2^53 - 1.
inline constexpr uint64_t kMaxInteger = (uint64_t{1} << 53) - 1;

// Any JSON text (RFC 8259), scalars at top level and duplicate names included. InvalidArgument names the first error.
// Depth is limited to 256, and numbers must fit int64, uint64 or a finite double.
absl::StatusOr<JsonValue> ParseJsonText(std::string_view text);

// The text of a receipt: as above and an object, within the limits of receipts, free of duplicates and with numbers
// in range. Reports every issue it can see, not only the first.
ParsedJson ParseReceiptJson(std::string_view text);

}  // namespace bitnet

#endif  // BITNET_RECEIPT_JSON_READER_H_
