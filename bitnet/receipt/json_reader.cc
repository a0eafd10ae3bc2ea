#include "bitnet/receipt/json_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/receipt/json_scan.h"
#include "simdjson.h"

namespace bitnet {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// Deep enough for any honest document, shallow enough for recursion.
constexpr size_t kParserDepth = 256;

// A scalar or container that `element` is known to hold.
template <typename T>
T Get(simdjson::dom::element element) {
  T value{};
  CHECK(element.get(value) == simdjson::SUCCESS);
  return value;
}

JsonValue Convert(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY: {
      const auto array = Get<simdjson::dom::array>(element);
      JsonValue::Array values;
      for (const simdjson::dom::element child : array) values.push_back(Convert(child));
      return JsonValue::MakeArray(std::move(values));
    }
    case element_type::OBJECT: {
      const auto object = Get<simdjson::dom::object>(element);
      JsonValue::Object members;
      for (const simdjson::dom::key_value_pair field : object) {
        members.push_back({std::string(field.key), Convert(field.value)});
      }
      return JsonValue::MakeObject(std::move(members));
    }
    case element_type::INT64:
      return JsonValue::Int(Get<int64_t>(element));
    case element_type::UINT64:
      return JsonValue::Uint(Get<uint64_t>(element));
    case element_type::DOUBLE:
      return JsonValue::Double(Get<double>(element));
    case element_type::STRING:
      return JsonValue::String(std::string(Get<std::string_view>(element)));
    case element_type::BOOL:
      return JsonValue::Bool(Get<bool>(element));
    case element_type::NULL_VALUE:
      break;
  }
  return JsonValue();
}

// The tree, or the one issue that stopped the parser.
std::optional<JsonValue> ParseTree(std::string_view text, const JsonScan& scan, JsonIssues& issues) {
  if (text.starts_with(kByteOrderMark)) {
    issues.Add(JsonIssueKind::kSyntax, "the text starts with a byte order mark; write plain UTF-8");
    return std::nullopt;
  }
  if (scan.lone_surrogate_offset) {
    issues.Add(JsonIssueKind::kSyntax, absl::StrCat("half of a surrogate pair at byte ", *scan.lone_surrogate_offset,
                                                    "; an escape must name a whole character"));
    return std::nullopt;
  }
  const simdjson::padded_string padded(text);
  simdjson::dom::parser parser;
  simdjson::error_code error = parser.allocate(text.size(), kParserDepth);
  simdjson::dom::element root;
  if (error == simdjson::SUCCESS) error = parser.parse(padded).get(root);
  if (error == simdjson::SUCCESS) return Convert(root);
  if (error == simdjson::DEPTH_ERROR) {
    issues.Add(JsonIssueKind::kLimit, absl::StrCat("nested deeper than ", kParserDepth));
    return std::nullopt;
  }
  if (error == simdjson::NUMBER_ERROR) {
    bool spelt_right = true;
    for (std::string_view token : scan.numbers) spelt_right &= IsJsonNumber(token);
    if (spelt_right) {
      issues.Add(JsonIssueKind::kNumber, "a number is too large for an integer of 64 bits or a finite double");
      return std::nullopt;
    }
  }
  issues.Add(JsonIssueKind::kSyntax, absl::StrCat("not JSON: ", simdjson::error_message(error)));
  return std::nullopt;
}

// Names that some reader takes for one: without case and without underscores (computePath is compute_path to
// protobuf's JSON).
std::string FoldName(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    if (c != '_') folded.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return folded;
}

// [A-Za-z0-9_]{1,64}: what the schema and environment variables use. Other names could look like them in a report.
bool IsMemberName(std::string_view name) {
  constexpr size_t kMaxNameBytes = 64;
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return c == '_' || absl::ascii_isalnum(static_cast<unsigned char>(c)); });
}

// The beginning of a name, as a message can show it.
std::string Quoted(std::string_view name) { return absl::CHexEscape(name.substr(0, 64)); }

// Walks a tree together with the spelling of its numbers, which come in the same order.
class StrictTextChecker {
 public:
  StrictTextChecker(const JsonScan& scan, uint64_t max_depth, ParsedJson& parsed)
      : scan_(scan), max_depth_(max_depth), parsed_(parsed) {}

  void Walk(const JsonValue& value, uint64_t depth) {
    if (value.is_array() || value.is_object()) {
      ++depth;
      parsed_.census.depth = std::max(parsed_.census.depth, depth);
      if (depth == max_depth_ + 1) {
        Report(JsonIssueKind::kLimit, [&] { return absl::StrCat("nested deeper than ", max_depth_); });
      }
    }
    if (value.is_number()) CheckNumber(value);
    if (value.is_array()) {
      for (size_t i = 0; i < value.array().size(); ++i) {
        path_.Push(i);
        Walk(value.array()[i], depth);
        path_.Pop();
      }
    }
    if (value.is_object()) WalkMembers(value.object(), depth);
  }

 private:
  void WalkMembers(const JsonValue::Object& members, uint64_t depth) {
    absl::flat_hash_map<std::string, std::string_view> seen;
    for (const JsonMember& member : members) {
      ++parsed_.census.members;
      path_.Push(member.name);
      if (!IsMemberName(member.name)) {
        Report(JsonIssueKind::kUnknown,
               [] { return std::string("a member's name is 1 to 64 of A-Z, a-z, 0-9 and _"); });
      }
      const auto [other, fresh] = seen.try_emplace(FoldName(member.name), member.name);
      if (!fresh) {
        Report(JsonIssueKind::kDuplicate, [&, before = other->second] {
          return absl::StrCat("member \"", Quoted(member.name), "\" repeats \"", Quoted(before),
                              "\"; names must differ in more than case and underscores");
        });
      }
      Walk(member.value, depth);
      path_.Pop();
    }
  }

  template <typename MakeMessage>
  void Report(JsonIssueKind kind, const MakeMessage& message) {
    parsed_.issues.Add(kind, path_, message);
  }

  void CheckNumber(const JsonValue& value) {
    CHECK_LT(parsed_.census.numbers, scan_.numbers.size());
    const std::string_view token = scan_.numbers[parsed_.census.numbers++];
    if (value.is_integer()) {
      const std::optional<int64_t> small = value.AsInt64();
      if (!small || *small > static_cast<int64_t>(kMaxInteger) || *small < -static_cast<int64_t>(kMaxInteger)) {
        Report(JsonIssueKind::kNumber, [&] { return absl::StrCat("integer ", token, " is beyond 2^53-1"); });
      }
      return;
    }
    char shortest[32];
    const auto [end, error] = std::to_chars(shortest, shortest + sizeof(shortest), value.double_value());
    const std::string_view expected(shortest, end);
    if (SignificantDigits(token) != SignificantDigits(expected)) {
      Report(JsonIssueKind::kNumber, [&] {
        return absl::StrCat("number ", token.substr(0, 40), " has other digits than the double it stands for, ",
                            expected);
      });
    }
  }

  JsonPath path_;
  const JsonScan& scan_;
  const uint64_t max_depth_;
  ParsedJson& parsed_;
};

}  // namespace

absl::StatusOr<JsonValue> ParseJsonText(std::string_view text) {
  JsonIssues issues;
  std::optional<JsonValue> value = ParseTree(text, ScanJson(text), issues);
  if (!value) return absl::InvalidArgumentError(issues.front().message);
  return *std::move(value);
}

ParsedJson ParseStrictJson(std::string_view text, JsonLimits limits) {
  ParsedJson parsed;
  parsed.census.bytes = text.size();
  if (text.size() > limits.bytes) {
    parsed.issues.Add(JsonIssueKind::kLimit, absl::StrCat("the text is larger than ", limits.bytes, " bytes"));
    return parsed;
  }
  const JsonScan scan = ScanJson(text);
  parsed.census.strings = scan.strings;
  std::optional<JsonValue> value = ParseTree(text, scan, parsed.issues);
  if (!value) return parsed;
  if (!value->is_object()) {
    parsed.issues.Add(JsonIssueKind::kSyntax,
                      absl::StrCat("the text is one ", JsonKindName(value->kind()), "; expected an object"));
    return parsed;
  }
  StrictTextChecker(scan, limits.depth, parsed).Walk(*value, 0);
  parsed.value = std::move(value);
  return parsed;
}

ParsedJson ParseReceiptJson(std::string_view text) { return ParseStrictJson(text, kReceiptLimits); }

}  // namespace bitnet
