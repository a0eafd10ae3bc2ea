// A gate's findings in the forms that others read. Each is a pure function of the run; text from outside cannot break
// any of them (gate_text.h).

#ifndef XTASK_GATE_REPORT_H_
#define XTASK_GATE_REPORT_H_

#include <string>

#include "bitnet/receipt/json_value.h"
#include "xtask/gate_run.h"

namespace bitnet::xtask {

// The gate as the API for check runs of code hosts takes it: {"name", "head_sha", "status", "conclusion", "started_at",
// "completed_at", "output": {"title", "summary", "text"}, "evidence": [{"file", "sha256"}]}. "evidence" is ours;
// "head_sha" is left out where the build names no commit.
JsonValue CheckRunJson(const GateRun& run);

// The table of checks: the output's text. At most 60 000 bytes, for hosts take 65 535: what is left out is counted.
std::string ChecksMarkdown(const GateRun& run);

// One test suite with a test case for each check.
std::string JunitXml(const GateRun& run);

// SARIF 2.1.0: one result for each check, of kind pass, fail or notApplicable; artifacts with their hashes.
std::string SarifJson(const GateRun& run);

// For people: the conclusion, then a line for each check.
std::string GateText(const GateRun& run);

}  // namespace bitnet::xtask

#endif  // XTASK_GATE_REPORT_H_
