#include "bitnet/quant/kernel_config.h"

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

constexpr std::string_view kSectionPrefix = "Kernels_";
constexpr std::string_view kKeys[] = {"m", "k", "bm", "bk", "bmm"};
constexpr int kKeyCount = 5;

template <typename... What>
absl::Status Wrong(int line, const What&... what) {
  return absl::InvalidArgumentError(absl::StrCat("kernel_config line ", line, ": ", what...));
}

// A piece of outside text as errors show it.
std::string Quote(std::string_view text) {
  constexpr size_t kLongest = 40;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kLongest)), text.size() > kLongest ? "..." : "", "\"");
}

// 1 to 2^31 - 1 in decimal digits only; 0 for anything else.
int32_t ParseNumber(std::string_view text) {
  int64_t number = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return 0;
    number = number * 10 + (c - '0');
    if (number > std::numeric_limits<int32_t>::max()) return 0;
  }
  return static_cast<int32_t>(number);
}

// Reads line by line; a section ends where the next one or the text does. Used once, by one thread.
class Parser {
 public:
  absl::Status Line(std::string_view text, int line) {
    text = absl::StripAsciiWhitespace(text);
    if (text.empty() || text[0] == '#' || text[0] == ';') return absl::OkStatus();
    return text[0] == '[' ? BeginSection(text, line) : ReadKey(text, line);
  }

  absl::Status EndSection() {
    if (section_line_ == 0) return absl::OkStatus();
    for (int i = 0; i < kKeyCount; ++i) {
      if (values_[i] == 0) {
        return Wrong(section_line_, "section [", names_.back(), "]: expected keys m, k, bm, bk, bmm, got no ",
                     kKeys[i]);
      }
    }
    if (FindTiling(tilings_, values_[0], values_[1]) != nullptr) {
      return Wrong(section_line_, "section [", names_.back(), "]: shape ", values_[0], "x", values_[1],
                   " has a section already; keep one");
    }
    tilings_.push_back({values_[0], values_[1], values_[2], values_[3], values_[4]});
    return absl::OkStatus();
  }

  std::vector<TlTiling> TakeTilings() { return std::move(tilings_); }

 private:
  absl::Status BeginSection(std::string_view text, int line) {
    BITNET_RETURN_IF_ERROR(EndSection());
    std::string_view name = text;
    std::string_view number;
    if (!absl::ConsumePrefix(&name, "[") || !absl::ConsumeSuffix(&name, "]") ||
        !absl::ConsumePrefix(&(number = name), kSectionPrefix) || number.empty() ||
        number.find_first_not_of("0123456789") != std::string_view::npos) {
      return Wrong(line, "expected a section [Kernels_N], got ", Quote(text));
    }
    for (const std::string_view other : names_) {
      if (other == name) return Wrong(line, "section [", Quote(name), "] occurs twice");
    }
    if (names_.size() == kMaxTilings) return Wrong(line, "expected at most ", kMaxTilings, " sections, got more");
    names_.push_back(name);
    section_line_ = line;
    for (int32_t& value : values_) value = 0;
    return absl::OkStatus();
  }

  absl::Status ReadKey(std::string_view text, int line) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return Wrong(line, "expected a section, \"key = number\" or a comment, got ", Quote(text));
    }
    if (section_line_ == 0) return Wrong(line, "expected a section before the first key, got ", Quote(text));
    const std::string_view key = absl::StripAsciiWhitespace(text.substr(0, equals));
    const std::string_view value = absl::StripAsciiWhitespace(text.substr(equals + 1));
    int index = 0;
    while (index < kKeyCount && !absl::EqualsIgnoreCase(key, kKeys[index])) ++index;
    if (index == kKeyCount) return Wrong(line, "expected a key m, k, bm, bk or bmm, got ", Quote(key));
    if (values_[index] != 0) return Wrong(line, "key ", kKeys[index], " occurs twice in section [", names_.back(), "]");
    values_[index] = ParseNumber(value);
    if (values_[index] == 0) {
      return Wrong(line, kKeys[index], ": expected a decimal number of 1 to ", std::numeric_limits<int32_t>::max(),
                   ", got ", Quote(value));
    }
    return absl::OkStatus();
  }

  std::vector<TlTiling> tilings_;
  std::vector<std::string_view> names_;  // of all sections so far; digits after the prefix
  int section_line_ = 0;                 // 0: before the first
  int32_t values_[kKeyCount] = {};       // by kKeys; 0: not yet
};

}  // namespace

absl::StatusOr<std::vector<TlTiling>> ParseKernelConfig(std::string_view text) {
  if (text.size() > kMaxKernelConfigBytes) {
    return absl::InvalidArgumentError(absl::StrCat("kernel_config: expected at most ", kMaxKernelConfigBytes,
                                                   " bytes, got ", text.size(), "; this is another file"));
  }
  Parser parser;
  int line = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    BITNET_RETURN_IF_ERROR(parser.Line(text.substr(0, end), ++line));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  BITNET_RETURN_IF_ERROR(parser.EndSection());
  std::vector<TlTiling> tilings = parser.TakeTilings();
  if (tilings.empty()) {
    return absl::InvalidArgumentError("kernel_config: expected at least one section [Kernels_N], got none");
  }
  return tilings;
}

}  // namespace bitnet
