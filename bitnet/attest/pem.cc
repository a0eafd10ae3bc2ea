#include "bitnet/attest/pem.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bitnet/attest/base64.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::attest {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr size_t kLine = 64;

// The label between `before` and five dashes; empty when the line is no such line.
std::string_view LabelOf(std::string_view line, std::string_view before) {
  if (!absl::ConsumePrefix(&line, before) || !absl::ConsumeSuffix(&line, kDashes)) return "";
  return line;
}

}  // namespace

std::string WritePem(std::string_view label, std::string_view der) {
  std::string text = absl::StrCat(kBegin, label, kDashes, "\n");
  const std::string base64 = EncodeBase64(der);
  for (size_t i = 0; i < base64.size(); i += kLine) absl::StrAppend(&text, base64.substr(i, kLine), "\n");
  absl::StrAppend(&text, kEnd, label, kDashes, "\n");
  return text;
}

absl::StatusOr<std::string> ReadPem(std::string_view label, std::string_view text) {
  if (text.size() > kMaxPemBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("PEM of ", text.size(), " bytes; expected one key, at most ", kMaxPemBytes, " bytes"));
  }
  std::vector<std::string_view> lines = absl::StrSplit(text, '\n');
  for (std::string_view& line : lines) absl::ConsumeSuffix(&line, "\r");
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  const std::string_view begin = lines.empty() ? "" : LabelOf(lines.front(), kBegin);
  if (begin.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("not PEM: expected the first line to be \"", kBegin, label, kDashes, "\""));
  }
  if (begin != label) {
    return absl::InvalidArgumentError(
        absl::StrCat("PEM of a \"", absl::CHexEscape(begin), "\"; expected a \"", label, "\""));
  }
  if (lines.size() < 3 || LabelOf(lines.back(), kEnd) != label) {
    return absl::InvalidArgumentError(
        absl::StrCat("PEM without its end: expected the last line to be \"", kEnd, label, kDashes, "\""));
  }
  std::string base64;
  for (size_t i = 1; i + 1 < lines.size(); ++i) {
    if (lines[i].empty()) return absl::InvalidArgumentError(absl::StrCat("PEM with a blank line, line ", i + 1));
    absl::StrAppend(&base64, lines[i]);
  }
  BITNET_ASSIGN_OR_RETURN(std::string der, DecodeBase64(base64));
  return der;
}

}  // namespace bitnet::attest
