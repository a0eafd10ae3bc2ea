// JsonObject: members of a parsed object by name, with errors that say which file, which member, what was expected.

#ifndef BITNET_JSON_JSON_OBJECT_H_
#define BITNET_JSON_JSON_OBJECT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/json/json_document.h"

namespace bitnet {

// A view into a JsonDocument, which must outlive it. A member that is null counts as absent, as it does for the
// programs that write these files. Getters: InvalidArgument when the member is absent or of another kind.
class JsonObject {
 public:
  // InvalidArgument when `element` is no object. `path` names it in errors and ends where a member's name begins:
  // "config.json: " or "config.json: quantization_config.".
  static absl::StatusOr<JsonObject> From(simdjson::dom::element element, std::string path);
  static absl::StatusOr<JsonObject> FromRoot(const JsonDocument& document);

  simdjson::dom::object members() const { return object_; }
  // "config.json: quantization_config.linear_class"
  std::string Name(std::string_view key) const;

  bool Has(std::string_view key) const { return Find(key).has_value(); }
  std::optional<simdjson::dom::element> Find(std::string_view key) const;

  absl::StatusOr<uint64_t> Uint(std::string_view key) const;
  absl::StatusOr<double> Number(std::string_view key) const;  // integers too
  absl::StatusOr<bool> Bool(std::string_view key) const;
  absl::StatusOr<std::string_view> String(std::string_view key) const;
  absl::StatusOr<simdjson::dom::array> Array(std::string_view key) const;
  absl::StatusOr<JsonObject> Object(std::string_view key) const;

  // The same, with the value of an absent member.
  absl::StatusOr<uint64_t> UintOr(std::string_view key, uint64_t absent) const;
  absl::StatusOr<double> NumberOr(std::string_view key, double absent) const;
  absl::StatusOr<bool> BoolOr(std::string_view key, bool absent) const;
  absl::StatusOr<std::string_view> StringOr(std::string_view key, std::string_view absent) const;

 private:
  JsonObject(simdjson::dom::object object, std::string path) : object_(object), path_(std::move(path)) {}
  template <typename T>
  absl::StatusOr<T> Get(std::string_view key, std::string_view kind) const;

  simdjson::dom::object object_;
  std::string path_;
};

// "an object", "the number 1.5", "the text \"abc\"": what a member is, for errors.
std::string DescribeJson(simdjson::dom::element element);

}  // namespace bitnet

#endif  // BITNET_JSON_JSON_OBJECT_H_
