// L0-TIME (RS-013): the date is a date, not tomorrow's, and not older than the first engine that could have written
// this receipt.

#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

// dddd-dd-ddTdd:dd:dd, a fraction of 1 to 9 digits or none, then Z or +dd:dd or -dd:dd: narrower than what
// absl::ParseTime would take.
bool HasRfc3339Shape(std::string_view text) {
  static constexpr std::string_view kSeconds = "dddd-dd-ddTdd:dd:dd";
  static constexpr std::string_view kOffset = "dd:dd";
  const auto take = [&text](std::string_view shape) {
    if (text.size() < shape.size()) return false;
    for (size_t i = 0; i < shape.size(); ++i) {
      const bool digit = absl::ascii_isdigit(static_cast<unsigned char>(text[i]));
      if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return false;
    }
    text.remove_prefix(shape.size());
    return true;
  };
  if (!take(kSeconds)) return false;
  if (take(".")) {
    int digits = 0;
    while (take("d")) ++digits;
    if (digits < 1 || digits > 9) return false;
  }
  if (text == "Z") return true;
  return (take("+") || take("-")) && take(kOffset) && text.empty();
}

}  // namespace

CheckResult CheckTimestamp(const AuditInput& input) {
  if (!input.receipt().has_timestamp()) return Missing("/timestamp is absent");
  const std::string& text = input.receipt().timestamp();
  absl::Time time;
  std::string error;
  if (!HasRfc3339Shape(text) || !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return Fail(
        absl::StrCat("/timestamp is \"", absl::CHexEscape(text), "\"; expected RFC 3339, 2026-11-21T08:00:00Z"));
  }
  if (time > input.now + input.policy.max_clock_skew) {
    return Fail(absl::StrCat(
        "/timestamp ", text, " lies ", absl::FormatDuration(absl::Trunc(time - input.now, absl::Seconds(1))),
        " in the future; at most ", absl::FormatDuration(input.policy.max_clock_skew), " is allowed"));
  }
  if (time < input.policy.not_before) {
    return Fail(absl::StrCat("/timestamp ", text, " is before ",
                             absl::FormatTime(absl::RFC3339_sec, input.policy.not_before, absl::UTCTimeZone()),
                             ", when no engine wrote such receipts"));
  }
  return Pass(2, absl::StrCat("dated ", text));
}

}  // namespace bitnet::verify
