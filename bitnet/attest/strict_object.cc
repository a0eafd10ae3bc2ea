#include "bitnet/attest/strict_object.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_issue.h"

namespace bitnet::attest {
namespace {

// The beginning of a string, as a message can show it.
std::string Shown(std::string_view text) {
  constexpr size_t kShown = 80;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShown)), text.size() > kShown ? "...\"" : "\"");
}

}  // namespace

absl::StatusOr<JsonValue> ParseObject(std::string_view what, std::string_view text, JsonLimits limits) {
  ParsedJson parsed = ParseStrictJson(text, limits);
  if (!parsed.issues.empty()) {
    const JsonIssue& issue = parsed.issues.front();
    return absl::InvalidArgumentError(
        absl::StrCat(what, issue.path.empty() ? "" : " at ", issue.path, ": ", issue.message));
  }
  return *std::move(parsed.value);
}

absl::StatusOr<StrictObject> StrictObject::Open(std::string_view what, std::string path, const JsonValue& value) {
  StrictObject object(what, std::move(path), value);
  if (!value.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " at ", object.path_, ": expected an object, got ", JsonKindName(value.kind())));
  }
  return object;
}

absl::StatusOr<const JsonValue*> StrictObject::Member(std::string_view name, JsonValue::Kind kind) {
  known_.push_back(name);
  const JsonValue* member = value_->Find(name);
  if (member == nullptr) return Wrong(name, "is absent");
  if (member->kind() != kind) {
    return Wrong(name, absl::StrCat("expected ", JsonKindName(kind), ", got ", JsonKindName(member->kind())));
  }
  return member;
}

absl::StatusOr<std::string_view> StrictObject::Text(std::string_view name, size_t max_bytes) {
  BITNET_ASSIGN_OR_RETURN(const JsonValue* member, Member(name, JsonValue::Kind::kString));
  const std::string_view text = member->string();
  if (text.size() > max_bytes) {
    return Wrong(name, absl::StrCat("a string of ", text.size(), " bytes; expected at most ", max_bytes));
  }
  return text;
}

absl::Status StrictObject::Expect(std::string_view name, std::string_view expected) {
  BITNET_ASSIGN_OR_RETURN(const JsonValue* member, Member(name, JsonValue::Kind::kString));
  if (member->string() == expected) return absl::OkStatus();
  return Wrong(name, absl::StrCat("expected ", Shown(expected), ", got ", Shown(member->string())));
}

absl::StatusOr<StrictObject> StrictObject::Object(std::string_view name) {
  BITNET_ASSIGN_OR_RETURN(const JsonValue* member, Member(name, JsonValue::Kind::kObject));
  return StrictObject(what_, ChildPath(path_, name), *member);
}

absl::StatusOr<std::vector<StrictObject>> StrictObject::Objects(std::string_view name, size_t size) {
  BITNET_ASSIGN_OR_RETURN(const JsonValue* member, Member(name, JsonValue::Kind::kArray));
  const JsonValue::Array& items = member->array();
  if (items.size() != size) return Wrong(name, absl::StrCat("expected ", size, " items, got ", items.size()));
  std::vector<StrictObject> objects;
  for (size_t i = 0; i < items.size(); ++i) {
    BITNET_ASSIGN_OR_RETURN(StrictObject item, Open(what_, ChildPath(ChildPath(path_, name), i), items[i]));
    objects.push_back(std::move(item));
  }
  return objects;
}

absl::Status StrictObject::Finish() const {
  for (const JsonMember& member : value_->object()) {
    if (std::ranges::find(known_, member.name) == known_.end()) return Wrong(member.name, "no such member is known");
  }
  return absl::OkStatus();
}

absl::Status StrictObject::Wrong(std::string_view name, std::string_view message) const {
  return absl::InvalidArgumentError(absl::StrCat(what_, " at ", ChildPath(path_, name), ": ", message));
}

bool IsLowerHex(std::string_view text, size_t digits) {
  return text.size() == digits &&
         std::ranges::all_of(text, [](unsigned char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace bitnet::attest
