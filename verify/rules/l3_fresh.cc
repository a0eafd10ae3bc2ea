// L3-FRESH (RS-305): the run answers the challenge that its auditor issued, while it lasts.

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bitnet/attest/challenge.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

std::string Utc(absl::Time time) { return attest::FormatUtcSeconds(time); }

}  // namespace

CheckResult CheckFresh(const AuditInput& input) {
  if (!input.artifacts.challenge) {
    if (!input.policy.require_challenge) return NotApplicable("the policy demands no challenge and none was given");
    return Missing("no challenge was given: name the one that the run had to answer with --challenge");
  }
  const attest::Challenge& challenge = *input.artifacts.challenge;
  RuleFacts facts(input);
  constexpr std::string_view kNonce = "/evidence/challenge/nonce";
  constexpr std::string_view kIssuer = "/evidence/challenge/issued_by";
  constexpr std::string_view kPlan = "/evidence/challenge/plan_digest";
  facts.ExpectEqual(kNonce, facts.Text(kNonce), challenge.nonce);
  facts.ExpectEqual(kIssuer, facts.Text(kIssuer), challenge.issued_by);
  if (challenge.plan_digest) {
    facts.ExpectEqual(kPlan, facts.Text(kPlan), *challenge.plan_digest);
  } else {
    facts.Expect(!facts.Has(kPlan), [&] { return absl::StrCat(kPlan, " is there; the challenge has no plan"); });
  }

  const absl::Time begin = challenge.issued_at - input.policy.max_clock_skew;
  facts.Expect(input.now >= begin, [&] {
    return absl::StrCat("the challenge was issued at ", Utc(challenge.issued_at), "; the clock here says ",
                        Utc(input.now));
  });
  facts.Expect(input.now <= challenge.expires_at, [&] {
    return absl::StrCat("the challenge expired at ", Utc(challenge.expires_at), "; the clock here says ",
                        Utc(input.now));
  });
  const std::string_view timestamp = facts.Text("/timestamp");
  absl::Time dated;
  const bool readable = absl::ParseTime(absl::RFC3339_full, timestamp, &dated, nullptr);
  facts.Expect(readable && dated >= begin && dated <= challenge.expires_at, [&] {
    return absl::StrCat("/timestamp is \"", timestamp, "\"; expected a time from ", Utc(begin), " to ",
                        Utc(challenge.expires_at), ", while the challenge lasted");
  });
  return facts.Result(absl::StrCat("answers nonce ", challenge.nonce, " of ", challenge.issued_by));
}

}  // namespace bitnet::verify
