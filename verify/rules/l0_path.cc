// L0-PATH (RS-010): compute_path is compared byte for byte. "Real", " real" and "re\u0430l" are other words, and a
// document that does not say how it computed says nothing.

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckPath(const AuditInput& input) {
  if (!input.receipt().has_compute_path()) return Missing("/compute_path is absent; expected \"real\"");
  if (input.receipt().compute_path() != "real") {
    return Fail(absl::StrCat("/compute_path is \"", absl::CHexEscape(input.receipt().compute_path()),
                             "\"; expected exactly \"real\""));
  }
  return Pass(1, "/compute_path is \"real\"");
}

}  // namespace bitnet::verify
