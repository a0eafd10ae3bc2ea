// Any bytes, as receipt and as policy: the auditor never crashes, always reports every rule, and accepts nothing that
// the strict reader had an objection to.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/log/check.h"
#include "absl/time/time.h"
#include "bitnet/receipt/document.h"
#include "verify/audit.h"
#include "verify/policy.h"
#include "verify/report.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet::verify;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::Time now = absl::FromCivil(absl::CivilDay(2026, 11, 22), absl::UTCTimeZone());
  const AuditReport report = AuditReceiptText(text, Policy(), now);
  CHECK_EQ(report.checks.size(), RuleTable().size());
  CHECK(!TextReport(report, {true, "fuzz"}).empty());
  CHECK(!JsonReport(report).empty());
  if (report.verdict == Verdict::kAccept) {
    for (const bitnet::JsonIssue& issue : bitnet::ReadReceiptDocument(text).issues) {
      CHECK(false) << issue.path << ": " << issue.message;
    }
  }
  if (const auto policy = ParsePolicy(text); policy.ok()) CHECK_GE(policy->min_tokens, uint64_t{1});
  return 0;
}
