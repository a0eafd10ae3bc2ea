// L3-AGE (RS-307): the receipt is not older than the policy lets it be.

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bitnet/attest/challenge.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckAge(const AuditInput& input) {
  if (!input.policy.max_age) return NotApplicable("the policy sets no age");
  RuleFacts facts(input);
  const std::string_view timestamp = facts.Text("/timestamp");
  absl::Time dated;
  const bool readable = absl::ParseTime(absl::RFC3339_full, timestamp, &dated, nullptr);
  const absl::Time oldest = input.now - *input.policy.max_age;
  facts.Expect(readable && dated >= oldest, [&] {
    return absl::StrCat("/timestamp is \"", timestamp, "\"; expected ", attest::FormatUtcSeconds(oldest),
                        " or later, for the policy takes nothing older than ",
                        absl::FormatDuration(*input.policy.max_age));
  });
  return facts.Result(absl::StrCat("dated ", timestamp));
}

}  // namespace bitnet::verify
