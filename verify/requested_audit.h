// A whole audit as a command line asks for it: files opened, artifacts computed, rules run, the nonce written down.

#ifndef VERIFY_REQUESTED_AUDIT_H_
#define VERIFY_REQUESTED_AUDIT_H_

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "verify/artifacts.h"
#include "verify/audit.h"
#include "verify/policy.h"
#include "verify/request.h"

namespace bitnet::verify {

struct RequestedAudit {
  AuditReport report;
  std::string recorded;  // a line for people about what was written to a ledger, or ""
};

// Audits `text`, a receipt or the envelope around one, by `policy`, now. Opens and computes what `request` names; then
// `add` may add what the caller knows besides. Errors are those of AuditFiles and AddComputed: no verdict was given.
absl::StatusOr<RequestedAudit> RunRequestedAudit(
    const AuditRequest& request, const Policy& policy, std::string_view text,
    absl::FunctionRef<void(Artifacts&)> add = [](Artifacts&) {});

}  // namespace bitnet::verify

#endif  // VERIFY_REQUESTED_AUDIT_H_
