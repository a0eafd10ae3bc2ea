#include "bitnet/json/json_object.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bitnet {

std::string DescribeJson(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return absl::StrCat("the text ", QuotedText(element.get_string().value_unsafe()));
    case element_type::INT64:
      return absl::StrCat("the number ", element.get_int64().value_unsafe());
    case element_type::UINT64:
      return absl::StrCat("the number ", element.get_uint64().value_unsafe());
    case element_type::DOUBLE:
      return absl::StrCat("the number ", element.get_double().value_unsafe());
    case element_type::BOOL:
      return element.get_bool().value_unsafe() ? "true" : "false";
    case element_type::NULL_VALUE:
      break;
  }
  return "null";
}

absl::StatusOr<JsonObject> JsonObject::From(simdjson::dom::element element, std::string path) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(absl::StrCat(path, "expected an object, got ", DescribeJson(element)));
  }
  return JsonObject(object, std::move(path));
}

absl::StatusOr<JsonObject> JsonObject::FromRoot(const JsonDocument& document) {
  return From(document.root(), absl::StrCat(document.what(), ": "));
}

std::string JsonObject::Name(std::string_view key) const { return absl::StrCat(path_, key); }

std::optional<simdjson::dom::element> JsonObject::Find(std::string_view key) const {
  simdjson::dom::element element;
  if (object_.at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) return std::nullopt;
  return element;
}

template <typename T>
absl::StatusOr<T> JsonObject::Get(std::string_view key, std::string_view kind) const {
  const std::optional<simdjson::dom::element> element = Find(key);
  if (!element.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(Name(key), ": expected ", kind, ", but the member is missing"));
  }
  T value{};
  if (element->get(value) == simdjson::SUCCESS) return value;
  return absl::InvalidArgumentError(absl::StrCat(Name(key), ": expected ", kind, ", got ", DescribeJson(*element)));
}

absl::StatusOr<uint64_t> JsonObject::Uint(std::string_view key) const {
  return Get<uint64_t>(key, "an integer, 0 or more");
}
absl::StatusOr<double> JsonObject::Number(std::string_view key) const { return Get<double>(key, "a number"); }
absl::StatusOr<bool> JsonObject::Bool(std::string_view key) const { return Get<bool>(key, "true or false"); }
absl::StatusOr<std::string_view> JsonObject::String(std::string_view key) const {
  return Get<std::string_view>(key, "a text");
}
absl::StatusOr<simdjson::dom::array> JsonObject::Array(std::string_view key) const {
  return Get<simdjson::dom::array>(key, "an array");
}

absl::StatusOr<JsonObject> JsonObject::Object(std::string_view key) const {
  auto object = Get<simdjson::dom::object>(key, "an object");
  if (!object.ok()) return std::move(object).status();
  return JsonObject(*object, absl::StrCat(path_, key, "."));
}

absl::StatusOr<uint64_t> JsonObject::UintOr(std::string_view key, uint64_t absent) const {
  return Has(key) ? Uint(key) : absent;
}
absl::StatusOr<double> JsonObject::NumberOr(std::string_view key, double absent) const {
  return Has(key) ? Number(key) : absent;
}
absl::StatusOr<bool> JsonObject::BoolOr(std::string_view key, bool absent) const {
  return Has(key) ? Bool(key) : absent;
}
absl::StatusOr<std::string_view> JsonObject::StringOr(std::string_view key, std::string_view absent) const {
  return Has(key) ? String(key) : absent;
}

}  // namespace bitnet
