// Strict reading of JSON from outside.
//
// simdjson does the parsing (exactly RFC 8259, UTF-8 checked). What a parser is free to let through, and what two
// parsers may therefore understand differently, is refused here: byte order marks, lone surrogates, duplicate names,
// numbers that a double or 2^53-1 cannot hold, names that are no names, great depth and size.

#ifndef BITNET_RECEIPT_JSON_READER_H_
#define BITNET_RECEIPT_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/receipt/json_issue.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet {

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
  JsonIssues issues;
  JsonCensus census;
};

// How much of a document from outside is read. Each kind of document has its own: what is larger than any honest one
// is refused before it is parsed.
struct JsonLimits {
  size_t bytes;
  uint64_t depth;  // of nested arrays and objects
};

inline constexpr size_t kMaxReceiptBytes = 64 * 1024;
inline constexpr uint64_t kMaxReceiptDepth = 8;
inline constexpr JsonLimits kReceiptLimits = {kMaxReceiptBytes, kMaxReceiptDepth};
// The largest integer that every JSON reader keeps exact: 2^53 - 1.
inline constexpr uint64_t kMaxInteger = (uint64_t{1} << 53) - 1;

// Any JSON text (RFC 8259), scalars at top level and duplicate names included. InvalidArgument names the first error.
// Depth is limited to 256, and numbers must fit int64, uint64 or a finite double.
absl::StatusOr<JsonValue> ParseJsonText(std::string_view text);

// A document that is an object within `limits`, free of duplicates, with numbers in range and names of the form
// [A-Za-z0-9_]{1,64}. Looks for every issue, not only the first.
ParsedJson ParseStrictJson(std::string_view text, JsonLimits limits);

// The text of a receipt: ParseStrictJson within kReceiptLimits.
ParsedJson ParseReceiptJson(std::string_view text);

}  // namespace bitnet

#endif  // BITNET_RECEIPT_JSON_READER_H_
