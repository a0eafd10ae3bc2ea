#include "verify/requested_audit.h"

#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/base/status_macros.h"
#include "verify/replay/computed_artifacts.h"

namespace bitnet::verify {

absl::StatusOr<RequestedAudit> RunRequestedAudit(const AuditRequest& request, const Policy& policy,
                                                 std::string_view text, absl::FunctionRef<void(Artifacts&)> add) {
  BITNET_ASSIGN_OR_RETURN(AuditFiles files, AuditFiles::Open(request));
  Artifacts artifacts;
  files.AddTo(artifacts);
  BITNET_RETURN_IF_ERROR(AddComputed(request, text, artifacts));
  add(artifacts);
  const absl::Time now = absl::Now();
  AuditReport report = AuditReceiptText(text, policy, now, artifacts);
  BITNET_ASSIGN_OR_RETURN(std::string recorded, files.Record(report, text, now));
  return RequestedAudit{std::move(report), std::move(recorded)};
}

}  // namespace bitnet::verify
