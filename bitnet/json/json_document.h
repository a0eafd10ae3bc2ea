// JSON of model files: safetensors headers, config.json, tokenizer.json. Parsed whole by simdjson, which refuses bytes
// that are not UTF-8 and halves of surrogate pairs; then checked for members given twice, which it lets pass.

#ifndef BITNET_JSON_JSON_DOCUMENT_H_
#define BITNET_JSON_JSON_DOCUMENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "simdjson.h"

namespace bitnet {

struct JsonLimits {
  uint64_t max_bytes;
  uint64_t max_depth;  // of arrays and objects in each other; the outermost counts as 1, an empty one as 0
};

// Owns the parsed tree; elements and strings taken from it live as long as it does. Immutable; safe to share between
// threads. Allocates about 16 bytes for each byte of text, whatever the text says.
class JsonDocument {
 public:
  // `what` names the text in errors ("config.json"). InvalidArgument: over a limit, not JSON, not UTF-8, a number that
  // fits neither 64 bits nor a finite double, a name twice in one object, half of a surrogate pair.
  static absl::StatusOr<JsonDocument> Parse(std::string_view text, std::string_view what, const JsonLimits& limits);

  simdjson::dom::element root() const { return root_; }
  const std::string& what() const { return what_; }

 private:
  JsonDocument(std::string what, std::unique_ptr<simdjson::dom::parser> parser, simdjson::dom::element root)
      : what_(std::move(what)), parser_(std::move(parser)), root_(root) {}

  std::string what_;
  std::unique_ptr<simdjson::dom::parser> parser_;  // at a fixed address: elements point into it
  simdjson::dom::element root_;
};

// The beginning of a text, as a message can show it: "\"abc\"", at most 64 bytes before escaping.
std::string QuotedText(std::string_view text);

}  // namespace bitnet

#endif  // BITNET_JSON_JSON_DOCUMENT_H_
