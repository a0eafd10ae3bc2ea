// JsonValue: a JSON document as a tree of values. Nothing is guessed or widened: an integer stays an integer, members
// keep their order, duplicates are kept for whoever has to complain about them.

#ifndef BITNET_RECEIPT_JSON_VALUE_H_
#define BITNET_RECEIPT_JSON_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bitnet {

struct JsonMember;

// A value type. Accessors CHECK the kind: ask first.
class JsonValue {
 public:
  enum class Kind : uint8_t { kNull, kBool, kInteger, kDouble, kString, kArray, kObject };
  using Array = std::vector<JsonValue>;
  using Object = std::vector<JsonMember>;

  // A member is a name and a value, so the variant below is complete only after this class: everything that makes,
  // copies or destroys one is defined in the source file.
  JsonValue();  // null
  JsonValue(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(const JsonValue& other);
  JsonValue& operator=(JsonValue&& other) noexcept;
  ~JsonValue();
  static JsonValue Bool(bool value);
  static JsonValue Int(int64_t value);
  static JsonValue Uint(uint64_t value);
  static JsonValue Double(double value);
  static JsonValue String(std::string value);
  static JsonValue MakeArray(Array values);
  static JsonValue MakeObject(Object members);

  Kind kind() const;
  bool is_null() const { return kind() == Kind::kNull; }
  bool is_bool() const { return kind() == Kind::kBool; }
  bool is_integer() const { return kind() == Kind::kInteger; }
  bool is_double() const { return kind() == Kind::kDouble; }
  bool is_number() const { return is_integer() || is_double(); }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_array() const { return kind() == Kind::kArray; }
  bool is_object() const { return kind() == Kind::kObject; }

  bool bool_value() const;
  double double_value() const;
  const std::string& string() const;
  const Array& array() const;
  Array& array();
  const Object& object() const;
  Object& object();

  // The integer's value when it fits the type; empty for every other value or kind.
  std::optional<uint64_t> AsUint64() const;
  std::optional<int64_t> AsInt64() const;

  // The first member with that exact name; null when there is none or this is no object.
  const JsonValue* Find(std::string_view name) const;
  JsonValue* Find(std::string_view name);

  // By JSON pointer (RFC 6901): "" is this value, "/evidence/kernel_counts/3/calls". Null when nothing is there.
  const JsonValue* AtPath(std::string_view path) const;
  JsonValue* AtPath(std::string_view path);

  friend bool operator==(const JsonValue& a, const JsonValue& b);

 private:
  // Integers above INT64_MAX are uint64_t, all others int64_t, so that equal values are equal variants.
  using Data = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Array, Object>;
  explicit JsonValue(Data data);

  Data data_;
};

struct JsonMember {
  std::string name;
  JsonValue value;
  friend bool operator==(const JsonMember& a, const JsonMember& b) = default;
};

// "null", "bool", "integer", "double", "string", "array", "object".
std::string_view JsonKindName(JsonValue::Kind kind);

// `path` extended by a member name (escaped as RFC 6901 says) or an array index.
std::string ChildPath(std::string_view path, std::string_view name);
std::string ChildPath(std::string_view path, size_t index);

}  // namespace bitnet

#endif  // BITNET_RECEIPT_JSON_VALUE_H_
