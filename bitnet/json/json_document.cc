#include "bitnet/json/json_document.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

// An object of more members gets a hash set; fewer are compared with each other.
constexpr size_t kFewMembers = 16;

absl::Status NameTwice(std::string_view name, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, ": the name ", QuotedText(name), " occurs twice in one object"));
}

absl::Status CheckNames(simdjson::dom::object object, std::string_view what) {
  if (object.size() <= kFewMembers) {
    for (auto a = object.begin(); a != object.end(); ++a) {
      for (auto b = object.begin(); b != a; ++b) {
        if (a.key() == b.key()) return NameTwice(a.key(), what);
      }
    }
    return absl::OkStatus();
  }
  absl::flat_hash_set<std::string_view> names;
  for (const simdjson::dom::key_value_pair member : object) {
    if (!names.insert(member.key).second) return NameTwice(member.key, what);
  }
  return absl::OkStatus();
}

// The parser has bounded the depth.
absl::Status CheckTree(simdjson::dom::element element, std::string_view what) {
  simdjson::dom::array array;
  simdjson::dom::object object;
  if (element.get(array) == simdjson::SUCCESS) {
    for (const simdjson::dom::element child : array) BITNET_RETURN_IF_ERROR(CheckTree(child, what));
  }
  if (element.get(object) == simdjson::SUCCESS) {
    BITNET_RETURN_IF_ERROR(CheckNames(object, what));
    for (const simdjson::dom::key_value_pair member : object) {
      BITNET_RETURN_IF_ERROR(CheckTree(member.value, what));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string QuotedText(std::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, 64)), text.size() > 64 ? "...\"" : "\"");
}

absl::StatusOr<JsonDocument> JsonDocument::Parse(std::string_view text, std::string_view what,
                                                 const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": expected at most ", limits.max_bytes, " bytes of JSON, got ", text.size()));
  }
  auto parser = std::make_unique<simdjson::dom::parser>();
  const simdjson::padded_string padded(text);
  simdjson::dom::element root;
  simdjson::error_code error = parser->allocate(text.size(), limits.max_depth + 1);
  if (error == simdjson::SUCCESS) error = parser->parse(padded).get(root);
  if (error == simdjson::DEPTH_ERROR) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": expected JSON nested at most ", limits.max_depth, " deep, got deeper nesting"));
  }
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(absl::StrCat(what, ": not JSON: ", simdjson::error_message(error)));
  }
  BITNET_RETURN_IF_ERROR(CheckTree(root, what));
  return JsonDocument(std::string(what), std::move(parser), root);
}

}  // namespace bitnet
