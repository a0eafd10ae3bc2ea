// L1-LAUNCH (RS-150): the program that the auditor launched ended by itself, in time, with exit code 0, and wrote what
// it was asked for. A receipt of a run that failed, or that somebody killed, is not the receipt of that run.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckLaunch(const AuditInput& input) {
  if (!input.artifacts.launch) return NotApplicable("the auditor launched nothing");
  const LaunchArtifact& launch = *input.artifacts.launch;
  if (!launch.failure.empty()) return Fail(absl::StrCat("the program that was launched: ", launch.failure));
  return Pass(1, absl::StrFormat("ended with exit code 0 after %.3f s", static_cast<double>(launch.outer_ns) / 1e9));
}

}  // namespace bitnet::verify
