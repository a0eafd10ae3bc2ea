#include "bitnet/receipt/document.h"

#include <cmath>
#include <utility>

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

// By descriptor: one rule per JSON type, no field is named here, so a new field cannot be forgotten.
class MessageDecoder {
 public:
  explicit MessageDecoder(JsonIssues& issues) : issues_(issues) {}

  uint64_t typed_members() const { return typed_members_; }

  void Decode(const JsonValue& json, Message& message) {
    for (const JsonMember& member : json.object()) {
      path_.Push(member.name);
      const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(member.name);
      if (field == nullptr) {
        Report(JsonIssueKind::kUnknown, [] { return "the schema has no such member"; });
      } else if (field->is_map()) {
        DecodeMap(member.value, message, *field);
      } else if (field->is_repeated()) {
        DecodeRepeated(member.value, message, *field);
      } else {
        DecodeSingular(member.value, message, *field);
      }
      path_.Pop();
    }
  }

 private:
  template <typename MakeMessage>
  void Report(JsonIssueKind kind, const MakeMessage& message) {
    issues_.Add(kind, path_, message);
  }

  // Reports a value of the wrong kind; true when it is right.
  bool Expect(JsonValue::Kind kind, const JsonValue& value) {
    if (value.kind() == kind) return true;
    Report(JsonIssueKind::kType,
           [&] { return absl::StrCat("expected ", JsonKindName(kind), ", got ", JsonKindName(value.kind())); });
    return false;
  }

  bool ExpectNotNegative(bool negative) {
    if (negative) Report(JsonIssueKind::kNumber, [] { return "a count, time or rate cannot be negative"; });
    return !negative;
  }

  void DecodeSingular(const JsonValue& value, Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_UINT64:
        if (!Expect(JsonValue::Kind::kInteger, value) || !ExpectNotNegative(!value.AsUint64())) return;
        reflection.SetUInt64(&message, &field, *value.AsUint64());
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (!Expect(JsonValue::Kind::kDouble, value)) return;
        if (!ExpectNotNegative(std::signbit(value.double_value()))) return;
        reflection.SetDouble(&message, &field, value.double_value());
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!Expect(JsonValue::Kind::kBool, value)) return;
        reflection.SetBool(&message, &field, value.bool_value());
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        if (!Expect(JsonValue::Kind::kString, value)) return;
        reflection.SetString(&message, &field, value.string());
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (!Expect(JsonValue::Kind::kObject, value)) return;
        Decode(value, *reflection.MutableMessage(&message, &field));
        break;
      default:
        LOG(FATAL) << "receipt.proto uses a type that the JSON form has no rule for: " << field.full_name();
    }
    ++typed_members_;
  }

  void DecodeRepeated(const JsonValue& value, Message& message, const FieldDescriptor& field) {
    if (!Expect(JsonValue::Kind::kArray, value)) return;
    const Reflection& reflection = *message.GetReflection();
    for (size_t i = 0; i < value.array().size(); ++i) {
      const JsonValue& item = value.array()[i];
      path_.Push(i);
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        if (Expect(JsonValue::Kind::kString, item)) reflection.AddString(&message, &field, item.string());
      } else {
        CHECK(field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) << field.full_name();
        if (Expect(JsonValue::Kind::kObject, item)) Decode(item, *reflection.AddMessage(&message, &field));
      }
      path_.Pop();
    }
    ++typed_members_;
  }

  // map<string, string>. Of a repeated key, which L0-DUP refuses, every entry is kept.
  void DecodeMap(const JsonValue& value, Message& message, const FieldDescriptor& field) {
    if (!Expect(JsonValue::Kind::kObject, value)) return;
    for (const JsonMember& member : value.object()) {
      path_.Push(member.name);
      if (Expect(JsonValue::Kind::kString, member.value)) {
        Message& entry = *message.GetReflection()->AddMessage(&message, &field);
        const auto& type = *entry.GetDescriptor();
        entry.GetReflection()->SetString(&entry, type.map_key(), member.name);
        entry.GetReflection()->SetString(&entry, type.map_value(), member.value.string());
      }
      path_.Pop();
    }
    ++typed_members_;
  }

  JsonIssues& issues_;
  JsonPath path_;
  uint64_t typed_members_ = 0;
};

}  // namespace

bool ReceiptDocument::HasIssue(JsonIssueKind kind) const { return issues.Count(kind) > 0; }

uint64_t DecodeReceipt(const JsonValue& json, receipt::Receipt& receipt, JsonIssues& issues) {
  CHECK(json.is_object());
  MessageDecoder decoder(issues);
  decoder.Decode(json, receipt);
  return decoder.typed_members();
}

ReceiptDocument ReadReceiptDocument(std::string_view text) {
  ParsedJson parsed = ParseReceiptJson(text);
  ReceiptDocument document;
  document.issues = std::move(parsed.issues);
  document.census = parsed.census;
  document.json = std::move(parsed.value);
  if (document.json) document.typed_members = DecodeReceipt(*document.json, document.receipt, document.issues);
  return document;
}

}  // namespace bitnet
