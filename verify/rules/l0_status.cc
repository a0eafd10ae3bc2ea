// L0-STATUS (RS-009): only a run that went to its end has results. A receipt of a failed run is welcome as a record
// and worthless as a claim.

#include <algorithm>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckOutcome(const AuditInput& input) {
  const receipt::Evidence::Outcome& outcome = input.receipt().evidence().outcome();
  if (!outcome.has_status()) return Missing("/evidence/outcome/status is absent; expected \"completed\"");
  if (!outcome.has_exit()) return Missing("/evidence/outcome/exit is absent; expected 0");
  if (!outcome.has_finish_reason()) return Missing("/evidence/outcome/finish_reason is absent");
  if (outcome.status() != "completed") {
    return Fail(absl::StrCat("/evidence/outcome/status is \"", absl::CHexEscape(outcome.status()),
                             "\"; only \"completed\" has results"));
  }
  if (outcome.exit() != 0) return Fail(absl::StrCat("/evidence/outcome/exit is ", outcome.exit(), "; expected 0"));
  static constexpr std::string_view kReasons[] = {"length", "eos", "stop"};
  if (std::ranges::find(kReasons, std::string_view(outcome.finish_reason())) == std::end(kReasons)) {
    return Fail(absl::StrCat("/evidence/outcome/finish_reason is \"", absl::CHexEscape(outcome.finish_reason()),
                             "\"; expected length, eos or stop"));
  }
  return Pass(3, absl::StrCat("completed, exit 0, ", outcome.finish_reason()));
}

}  // namespace bitnet::verify
