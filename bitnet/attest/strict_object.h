// Reading small JSON objects whose members are all known: nothing may be absent, mistyped or left over.

#ifndef BITNET_ATTEST_STRICT_OBJECT_H_
#define BITNET_ATTEST_STRICT_OBJECT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet::attest {

// The object that `text` is, by ParseStrictJson. `what` names the document in errors: "bundle at /a: ...".
absl::StatusOr<JsonValue> ParseObject(std::string_view what, std::string_view text, JsonLimits limits);

// One object of a document. Every member that is asked for counts as known; Finish refuses the others. Keeps views
// into the value. Errors are InvalidArgument.
class StrictObject {
 public:
  // `path` is the JSON pointer of `value`. Fails unless `value` is an object.
  static absl::StatusOr<StrictObject> Open(std::string_view what, std::string path, const JsonValue& value);

  bool Has(std::string_view name) const { return value_->Find(name) != nullptr; }
  absl::StatusOr<std::string_view> Text(std::string_view name, size_t max_bytes);
  // A string that must be `expected`.
  absl::Status Expect(std::string_view name, std::string_view expected);
  absl::StatusOr<StrictObject> Object(std::string_view name);
  // The objects of an array that must have `size` items.
  absl::StatusOr<std::vector<StrictObject>> Objects(std::string_view name, size_t size);

  // A member that nobody asked for is an error.
  absl::Status Finish() const;

  // "<what> at <path>/<name>: <message>".
  absl::Status Wrong(std::string_view name, std::string_view message) const;

 private:
  StrictObject(std::string_view what, std::string path, const JsonValue& value)
      : what_(what), path_(std::move(path)), value_(&value) {}

  absl::StatusOr<const JsonValue*> Member(std::string_view name, JsonValue::Kind kind);

  std::string_view what_;
  std::string path_;
  const JsonValue* value_;
  std::vector<std::string_view> known_;
};

// Whether `text` is `digits` lower-case hexadecimal digits.
bool IsLowerHex(std::string_view text, size_t digits);

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_STRICT_OBJECT_H_
