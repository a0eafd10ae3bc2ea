#include "bitnet/receipt/json_value.h"

#include <charconv>
#include <limits>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace bitnet {

JsonValue::JsonValue() = default;
JsonValue::JsonValue(const JsonValue& other) = default;
JsonValue::JsonValue(JsonValue&& other) noexcept = default;
JsonValue& JsonValue::operator=(const JsonValue& other) = default;
JsonValue& JsonValue::operator=(JsonValue&& other) noexcept = default;
JsonValue::~JsonValue() = default;
JsonValue::JsonValue(Data data) : data_(std::move(data)) {}

JsonValue JsonValue::Bool(bool value) { return JsonValue(Data(value)); }
JsonValue JsonValue::Int(int64_t value) { return JsonValue(Data(value)); }
JsonValue JsonValue::Double(double value) { return JsonValue(Data(value)); }
JsonValue JsonValue::String(std::string value) { return JsonValue(Data(std::move(value))); }
JsonValue JsonValue::MakeArray(Array values) { return JsonValue(Data(std::move(values))); }

JsonValue JsonValue::Uint(uint64_t value) {
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return JsonValue(Data(value));
  return Int(static_cast<int64_t>(value));
}

JsonValue JsonValue::MakeObject(Object members) { return JsonValue(Data(std::move(members))); }

JsonValue::Kind JsonValue::kind() const {
  static constexpr Kind kKinds[] = {Kind::kNull,   Kind::kBool,   Kind::kInteger, Kind::kInteger,
                                    Kind::kDouble, Kind::kString, Kind::kArray,   Kind::kObject};
  return kKinds[data_.index()];
}

bool JsonValue::bool_value() const {
  CHECK(is_bool());
  return std::get<bool>(data_);
}

double JsonValue::double_value() const {
  CHECK(is_double());
  return std::get<double>(data_);
}

const std::string& JsonValue::string() const {
  CHECK(is_string());
  return std::get<std::string>(data_);
}

const JsonValue::Array& JsonValue::array() const {
  CHECK(is_array());
  return std::get<Array>(data_);
}

JsonValue::Array& JsonValue::array() {
  CHECK(is_array());
  return std::get<Array>(data_);
}

const JsonValue::Object& JsonValue::object() const {
  CHECK(is_object());
  return std::get<Object>(data_);
}

JsonValue::Object& JsonValue::object() {
  CHECK(is_object());
  return std::get<Object>(data_);
}

std::optional<uint64_t> JsonValue::AsUint64() const {
  if (const uint64_t* value = std::get_if<uint64_t>(&data_)) return *value;
  if (const int64_t* value = std::get_if<int64_t>(&data_); value != nullptr && *value >= 0) return *value;
  return std::nullopt;
}

std::optional<int64_t> JsonValue::AsInt64() const {
  if (const int64_t* value = std::get_if<int64_t>(&data_)) return *value;
  return std::nullopt;
}

const JsonValue* JsonValue::Find(std::string_view name) const {
  if (!is_object()) return nullptr;
  for (const JsonMember& member : object()) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

JsonValue* JsonValue::Find(std::string_view name) {
  return const_cast<JsonValue*>(static_cast<const JsonValue*>(this)->Find(name));
}

const JsonValue* JsonValue::AtPath(std::string_view path) const {
  const JsonValue* value = this;
  while (value != nullptr && !path.empty()) {
    if (path[0] != '/') return nullptr;
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view step = path.substr(0, end);
    path.remove_prefix(end);
    if (value->is_array()) {
      size_t index = 0;
      const auto [rest, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      const bool whole = error == std::errc() && rest == step.data() + step.size();
      value = whole && index < value->array().size() ? &value->array()[index] : nullptr;
    } else {
      value = value->Find(absl::StrReplaceAll(step, {{"~1", "/"}, {"~0", "~"}}));
    }
  }
  return value;
}

JsonValue* JsonValue::AtPath(std::string_view path) {
  return const_cast<JsonValue*>(static_cast<const JsonValue*>(this)->AtPath(path));
}

bool operator==(const JsonValue& a, const JsonValue& b) { return a.data_ == b.data_; }

std::string_view JsonKindName(JsonValue::Kind kind) {
  static constexpr std::string_view kNames[] = {"null", "bool", "integer", "double", "string", "array", "object"};
  return kNames[static_cast<int>(kind)];
}

std::string ChildPath(std::string_view path, std::string_view name) {
  return absl::StrCat(path, "/", absl::StrReplaceAll(name, {{"~", "~0"}, {"/", "~1"}}));
}

std::string ChildPath(std::string_view path, size_t index) { return absl::StrCat(path, "/", index); }

}  // namespace bitnet
