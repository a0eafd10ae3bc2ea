#include "verify/audit.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "bitnet/receipt/document.h"
#include "verify/audit_input.h"
#include "verify/envelope_facts.h"
#include "verify/printable.h"

namespace bitnet::verify {
namespace {

// A check that passes without having compared anything is broken, whatever it says.
CheckResult RunRule(const RuleInfo& rule, const AuditInput& input) {
  CheckResult result = rule.check(input);
  result.reason = Printable(result.reason);
  if (result.status == CheckStatus::kPass && result.evidence == 0) {
    return {CheckStatus::kError, 0, "the check passed without evidence: " + result.reason};
  }
  if (result.reason.empty()) return {CheckStatus::kError, result.evidence, "the check gave no reason"};
  return result;
}

// Only a pass counts; the exceptions are what a conditional rule may say about a receipt that it does not concern.
bool Blocks(const RuleInfo& rule, const CheckResult& result, bool strict) {
  switch (result.status) {
    case CheckStatus::kPass:
      return false;
    case CheckStatus::kNotApplicable:
      return rule.need != Need::kConditional;
    case CheckStatus::kNotMeasured:
      return rule.need != Need::kConditional || strict;
    case CheckStatus::kFail:
    case CheckStatus::kMissing:
    case CheckStatus::kInconclusive:
    case CheckStatus::kError:
      return true;
  }
  return true;
}

Verdict Decide(const std::vector<CheckReport>& checks, Level level) {
  // A run that was launched and failed is rejected, whatever it wrote, or did not.
  bool failed = std::ranges::any_of(checks, [](const CheckReport& check) {
    return check.rule->need == Need::kLaunched && check.result.status == CheckStatus::kFail;
  });
  if (failed) return Verdict::kReject;
  bool established = false;  // something of the level itself passed: a level without a pass says nothing
  bool blocked = false;
  for (const CheckReport& check : checks) {
    const bool fails = check.result.status == CheckStatus::kFail;
    if (fails && check.rule->need == Need::kReadable) return Verdict::kMalformed;
    failed |= fails;
    established |= check.rule->level == level && check.result.status == CheckStatus::kPass;
    blocked |= check.blocks;
  }
  if (failed) return Verdict::kReject;
  return blocked || !established ? Verdict::kUnverifiable : Verdict::kAccept;
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  static constexpr std::string_view kNames[] = {"ACCEPT", "REJECT", "MALFORMED", "UNVERIFIABLE"};
  return kNames[static_cast<int>(verdict)];
}

int VerdictExitCode(Verdict verdict) { return static_cast<int>(verdict); }

AuditReport AuditReceiptText(std::string_view text, const Policy& policy, absl::Time now, const Artifacts& artifacts) {
  return AuditWithRules(RuleTable(), text, policy, now, artifacts);
}

AuditReport AuditWithRules(std::span<const RuleInfo> rules, std::string_view text, const Policy& policy, absl::Time now,
                           const Artifacts& artifacts) {
  const std::optional<EnvelopeFacts> envelope = ReadEnvelopeFacts(text);
  const ReceiptDocument document = ReadReceiptDocument(envelope ? envelope->receipt_text() : text);
  const AuditInput input{document, policy, now, artifacts, envelope ? &*envelope : nullptr};
  AuditReport report;
  report.level = policy.min_level;
  report.strict = policy.strict;
  // Without a receipt to be had from its envelope there is no text for the rules of L0 to speak about.
  const bool opened = !envelope || envelope->statement.ok();
  bool readable = opened && document.json.has_value();
  // A replay establishes what a signature only says; who trusts keys or issued a challenge demands both.
  const bool signature_counts = policy.min_level != Level::kL4 || envelope || !policy.keys.empty() ||
                                artifacts.challenge || artifacts.ledger != nullptr;
  for (const RuleInfo& rule : rules) {
    // An envelope that is there is read whatever the level, and must be right for anything in it to count.
    const bool about_envelope = rule.need == Need::kReadable && rule.level == Level::kL3;
    if (rule.level > policy.min_level && !(about_envelope && envelope)) continue;
    if (rule.level == Level::kL3 && !signature_counts) continue;
    if (rule.need == Need::kLaunched && !artifacts.launch) continue;
    CheckReport check{&rule, {}, false};
    if (about_envelope || (rule.need == Need::kReadable && opened)) {
      check.result = RunRule(rule, input);
      readable = readable && check.result.status != CheckStatus::kFail;
    } else if (rule.need == Need::kLaunched) {
      // There was a run, whatever came of it; what such a rule does not find in the text is missing.
      check.result = RunRule(rule, input);
    } else if (opened) {
      check.result = readable ? RunRule(rule, input) : Missing("not run: the text is malformed");
    } else {
      check.result = Missing("not run: there is no receipt in the envelope");
    }
    check.blocks = Blocks(rule, check.result, policy.strict);
    report.checks.push_back(std::move(check));
  }
  report.verdict = Decide(report.checks, report.level);
  return report;
}

}  // namespace bitnet::verify
