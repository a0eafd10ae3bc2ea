// The audit's report, for people and for programs.

#ifndef VERIFY_REPORT_H_
#define VERIFY_REPORT_H_

#include <string>
#include <string_view>

#include "verify/audit.h"

namespace bitnet::verify {

// What ACCEPT at a level establishes and what it does not, in words that every report carries.
std::string_view AcceptanceMeaning(Level level);

struct TextReportOptions {
  bool color = false;   // ANSI colors
  std::string subject;  // what was audited, usually a file name
};

// One line per check (status, evidence count, rule, clause, reason), then the verdict and what it means.
std::string TextReport(const AuditReport& report, const TextReportOptions& options);

// The same as canonical JSON (sorted members, no whitespace) and a newline: {"checks": [{"blocks", "clause",
// "evidence", "id", "reason", "status"}, ...], "exit_code", "level", "meaning", "strict", "verdict"}.
std::string JsonReport(const AuditReport& report);

}  // namespace bitnet::verify

#endif  // VERIFY_REPORT_H_
