#include "xtask/batch_lines.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"

namespace bitnet::xtask {
namespace {

// A prompt of a million tokens, as text or as ids.
constexpr JsonLimits kLineLimits = {.bytes = size_t{8} << 20, .depth = 2};

absl::Status LineError(size_t number, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", what));
}

absl::StatusOr<std::vector<TokenId>> ReadIds(const JsonValue& value, size_t number) {
  if (!value.is_array() || value.array().empty()) {
    return LineError(number, "\"prompt_ids\": expected an array of at least one token id");
  }
  std::vector<TokenId> ids;
  ids.reserve(value.array().size());
  for (const JsonValue& element : value.array()) {
    const std::optional<int64_t> id = element.AsInt64();
    if (!id || *id < 0 || *id > std::numeric_limits<TokenId>::max()) {
      return LineError(number, absl::StrCat("\"prompt_ids\": element ", ids.size(), ": expected a token id"));
    }
    ids.push_back(static_cast<TokenId>(*id));
  }
  return ids;
}

absl::StatusOr<BatchLine> ReadLine(std::string_view text, size_t number) {
  ParsedJson parsed = ParseStrictJson(text, kLineLimits);
  if (!parsed.issues.empty()) {
    const JsonIssue& issue = parsed.issues.front();
    return LineError(number, issue.path.empty() ? issue.message : absl::StrCat(issue.path, ": ", issue.message));
  }
  BatchLine line{.number = number};
  for (JsonMember& member : parsed.value->object()) {
    if (member.name == "id" && (member.value.is_string() || member.value.is_integer())) {
      line.id = std::move(member.value);
    } else if (member.name == "prompt" && member.value.is_string()) {
      line.prompt = member.value.string();
    } else if (member.name == "prompt_ids") {
      BITNET_ASSIGN_OR_RETURN(line.prompt_ids, ReadIds(member.value, number));
    } else {
      return LineError(number, absl::StrCat("expected \"id\" (text or integer), \"prompt\" (text) or \"prompt_ids\" "
                                            "(array), got \"",
                                            member.name, "\" (", JsonKindName(member.value.kind()), ")"));
    }
  }
  if (line.prompt.has_value() == !line.prompt_ids.empty()) {
    return LineError(number, absl::StrCat("expected one of \"prompt\" and \"prompt_ids\", got ",
                                          line.prompt.has_value() ? "both" : "neither"));
  }
  return line;
}

}  // namespace

absl::StatusOr<std::vector<BatchLine>> ParseBatchLines(std::string_view text) {
  std::vector<BatchLine> lines;
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = absl::StripSuffix(line, "\r");
    if (line.empty()) continue;
    BITNET_ASSIGN_OR_RETURN(BatchLine read, ReadLine(line, number));
    lines.push_back(std::move(read));
  }
  if (lines.empty()) return absl::InvalidArgumentError("no prompts: expected one JSON object a line");
  return lines;
}

}  // namespace bitnet::xtask
