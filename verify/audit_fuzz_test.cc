// Any bytes, as receipt, as envelope and as policy: the auditor never crashes, always reports every rule, and accepts
// nothing that the strict reader had an objection to.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/log/check.h"
#include "absl/time/time.h"
#include "bitnet/receipt/document.h"
#include "verify/audit.h"
#include "verify/envelope_facts.h"
#include "verify/policy.h"
#include "verify/report.h"
#include "verify/rule.h"
#include "verify/testing/fixture_context.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet::verify;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::Time now = absl::FromCivil(absl::CivilDay(2026, 11, 22), absl::UTCTimeZone());
  const FixtureContext context = UsualContext(Level::kL4);
  const AuditReport full = AuditReceiptText(text, context.policy, now, context.artifacts);
  // Every rule but those about a run that was launched.
  const auto in_every_audit = [](const RuleInfo& rule) { return rule.need != Need::kLaunched; };
  CHECK_EQ(full.checks.size(), static_cast<size_t>(std::ranges::count_if(RuleTable(), in_every_audit)));
  CHECK(!TextReport(full, {true, "fuzz"}).empty());
  CHECK(!JsonReport(full).empty());
  const std::optional<EnvelopeFacts> envelope = ReadEnvelopeFacts(text);
  if (AuditReceiptText(text, Policy(), now).verdict == Verdict::kAccept) {
    CHECK(!envelope || envelope->statement.ok());
    for (const bitnet::JsonIssue& issue :
         bitnet::ReadReceiptDocument(envelope ? envelope->receipt_text() : text).issues) {
      CHECK(false) << issue.path << ": " << issue.message;
    }
  }
  if (const auto policy = ParsePolicy(text); policy.ok()) CHECK_GE(policy->min_tokens, uint64_t{1});
  return 0;
}
