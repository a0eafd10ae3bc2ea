#include "bitnet/receipt/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace bitnet {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

JsonValue EncodeMessage(const Message& message);

JsonValue EncodeSingular(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT64:
      return JsonValue::Uint(reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return JsonValue::Double(reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return JsonValue::Bool(reflection.GetBool(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return JsonValue::String(reflection.GetString(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return EncodeMessage(reflection.GetMessage(message, &field));
    default:
      LOG(FATAL) << "receipt.proto uses a type that the JSON form has no rule for: " << field.full_name();
  }
}

// map<string, string>, sorted by key: protobuf's own order changes from run to run.
JsonValue EncodeMap(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  JsonValue::Object members;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    const auto& type = *entry.GetDescriptor();
    members.push_back({entry.GetReflection()->GetString(entry, type.map_key()),
                       JsonValue::String(entry.GetReflection()->GetString(entry, type.map_value()))});
  }
  std::ranges::sort(members, {}, &JsonMember::name);
  return JsonValue::MakeObject(std::move(members));
}

JsonValue EncodeRepeated(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  JsonValue::Array values;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      values.push_back(JsonValue::String(reflection.GetRepeatedString(message, &field, i)));
    } else {
      CHECK(field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) << field.full_name();
      values.push_back(EncodeMessage(reflection.GetRepeatedMessage(message, &field, i)));
    }
  }
  return JsonValue::MakeArray(std::move(values));
}

JsonValue EncodeMessage(const Message& message) {
  JsonValue::Object members;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (field.is_map()) {
      members.push_back({field.name(), EncodeMap(message, field)});
    } else if (field.is_repeated()) {
      members.push_back({field.name(), EncodeRepeated(message, field)});
    } else if (message.GetReflection()->HasField(message, &field)) {
      members.push_back({field.name(), EncodeSingular(message, field)});
    }
  }
  return JsonValue::MakeObject(std::move(members));
}

// The escapes of RFC 8785, section 3.2.2.2; all other characters stand for themselves.
void AppendString(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          absl::StrAppend(&out, "\\u", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad4));
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

void AppendDouble(double value, std::string& out) {
  CHECK(std::isfinite(value)) << "JSON has no word for " << value;
  char buffer[32];
  const std::string_view text(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
  out += text;
  // "3" would read back as an integer.
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void AppendScalar(const JsonValue& value, std::string& out) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      out += "null";
      return;
    case JsonValue::Kind::kBool:
      out += value.bool_value() ? "true" : "false";
      return;
    case JsonValue::Kind::kInteger:
      if (const auto number = value.AsInt64()) {
        absl::StrAppend(&out, *number);
      } else {
        absl::StrAppend(&out, *value.AsUint64());
      }
      return;
    case JsonValue::Kind::kDouble:
      AppendDouble(value.double_value(), out);
      return;
    case JsonValue::Kind::kString:
      AppendString(value.string(), out);
      return;
    case JsonValue::Kind::kArray:
    case JsonValue::Kind::kObject:
      LOG(FATAL) << "not a scalar";
  }
}

void AppendPretty(const JsonValue& value, int indent, std::string& out) {
  const bool array = value.is_array();
  if (!array && !value.is_object()) return AppendScalar(value, out);
  const size_t size = array ? value.array().size() : value.object().size();
  out.push_back(array ? '[' : '{');
  for (size_t i = 0; i < size; ++i) {
    absl::StrAppend(&out, i == 0 ? "\n" : ",\n", std::string(indent + 2, ' '));
    if (!array) {
      AppendString(value.object()[i].name, out);
      out += ": ";
    }
    AppendPretty(array ? value.array()[i] : value.object()[i].value, indent + 2, out);
  }
  if (size > 0) absl::StrAppend(&out, "\n", std::string(indent, ' '));
  out.push_back(array ? ']' : '}');
}

void AppendCanonical(const JsonValue& value, std::string& out) {
  if (value.is_array()) {
    out.push_back('[');
    for (size_t i = 0; i < value.array().size(); ++i) {
      if (i > 0) out.push_back(',');
      AppendCanonical(value.array()[i], out);
    }
    out.push_back(']');
  } else if (value.is_object()) {
    std::vector<const JsonMember*> members;
    for (const JsonMember& member : value.object()) members.push_back(&member);
    std::ranges::stable_sort(members, {}, [](const JsonMember* member) -> std::string_view { return member->name; });
    out.push_back('{');
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out.push_back(',');
      AppendString(members[i]->name, out);
      out.push_back(':');
      AppendCanonical(members[i]->value, out);
    }
    out.push_back('}');
  } else {
    AppendScalar(value, out);
  }
}

}  // namespace

JsonValue EncodeReceipt(const receipt::Receipt& receipt) { return EncodeMessage(receipt); }

std::string WritePrettyJson(const JsonValue& value) {
  std::string out;
  AppendPretty(value, 0, out);
  out.push_back('\n');
  return out;
}

std::string CanonicalJson(const JsonValue& value) {
  std::string out;
  AppendCanonical(value, out);
  return out;
}

std::string WriteReceiptJson(const receipt::Receipt& receipt) { return WritePrettyJson(EncodeReceipt(receipt)); }

}  // namespace bitnet
