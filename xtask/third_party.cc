#include "xtask/third_party.h"

#include <algorithm>
#include <initializer_list>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "xtask/third_party_inventory.h"

namespace bitnet::xtask {
namespace {

absl::StatusOr<std::string> TextMember(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.Find(name);
  if (member == nullptr || !member->is_string()) {
    return absl::InvalidArgumentError(absl::StrCat("inventory: expected a string \"", name, "\" in every object"));
  }
  return member->string();
}

absl::StatusOr<ThirdPartySource> ReadSource(const JsonValue& object) {
  ThirdPartySource source;
  BITNET_ASSIGN_OR_RETURN(source.name, TextMember(object, "name"));
  BITNET_ASSIGN_OR_RETURN(source.use, TextMember(object, "use"));
  if (source.use != "linked" && source.use != "tests" && source.use != "build") {
    return absl::InvalidArgumentError(absl::StrCat(
        "inventory: ", source.name, ": expected \"use\" linked, tests or build, got \"", source.use, "\""));
  }
  BITNET_ASSIGN_OR_RETURN(source.package, TextMember(object, "package"));
  BITNET_ASSIGN_OR_RETURN(source.filename, TextMember(object, "filename"));
  BITNET_ASSIGN_OR_RETURN(source.sha256, TextMember(object, "sha256"));
  const JsonValue* licences = object.Find("licences");
  if (licences == nullptr || !licences->is_array()) {
    return absl::InvalidArgumentError("inventory: expected an array \"licences\" in every object");
  }
  for (const JsonValue& licence : licences->array()) {
    LicenceFile file;
    BITNET_ASSIGN_OR_RETURN(file.file, TextMember(licence, "file"));
    BITNET_ASSIGN_OR_RETURN(file.text, TextMember(licence, "text"));
    source.licences.push_back(std::move(file));
  }
  return source;
}

// Lower case, every run of white space and of comment marks a blank.
std::string Normalized(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = absl::ascii_isspace(static_cast<unsigned char>(c)) || c == '*' || c == '/' || c == '#';
    if (!blank) {
      out.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  return out;
}

bool HasAll(std::string_view text, std::initializer_list<std::string_view> phrases) {
  return std::ranges::all_of(phrases, [&](std::string_view phrase) { return absl::StrContains(text, phrase); });
}

}  // namespace

std::string_view InventoryText() { return kThirdPartyInventory; }
std::string_view OwnLicenceText() { return kOwnLicence; }

absl::StatusOr<std::vector<ThirdPartySource>> ReadInventory(std::string_view text) {
  BITNET_ASSIGN_OR_RETURN(const JsonValue json, ParseJsonText(text));
  if (!json.is_array()) return absl::InvalidArgumentError("inventory: expected an array");
  std::vector<ThirdPartySource> sources;
  for (const JsonValue& object : json.array()) {
    BITNET_ASSIGN_OR_RETURN(ThirdPartySource source, ReadSource(object));
    sources.push_back(std::move(source));
  }
  return sources;
}

std::string SourceVersion(const ThirdPartySource& source) {
  const size_t begin = source.filename.find('_');
  const size_t end = source.filename.rfind(".orig.tar.");
  if (begin == std::string::npos || end == std::string::npos || begin >= end) return "";
  return source.filename.substr(begin + 1, end - begin - 1);
}

std::string_view IdentifyLicence(std::string_view text) {
  const std::string normalized = Normalized(text);
  if (HasAll(normalized,
             {"apache license version 2.0", "terms and conditions for use, reproduction, and distribution"})) {
    return "Apache-2.0";
  }
  if (HasAll(normalized, {"redistribution and use in source and binary forms",
                          "redistributions of source code must retain the above copyright notice",
                          "redistributions in binary form must reproduce the above copyright notice"})) {
    return HasAll(normalized, {"neither the name"}) ? "BSD-3-Clause" : "BSD-2-Clause";
  }
  if (HasAll(normalized, {"permission is hereby granted, free of charge", "to deal in the software without restriction",
                          "the above copyright notice and this permission notice"})) {
    return "MIT";
  }
  return "";
}

}  // namespace bitnet::xtask
