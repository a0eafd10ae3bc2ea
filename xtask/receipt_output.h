// From a finished run to a receipt on disk and a verdict about it.

#ifndef XTASK_RECEIPT_OUTPUT_H_
#define XTASK_RECEIPT_OUTPUT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/model_digest.h"
#include "bitnet/engine/receipt_builder.h"
#include "bitnet/engine/session.h"
#include "verify/audit.h"
#include "xtask/environment.h"
#include "xtask/receipt_flags.h"

namespace bitnet::xtask {

struct RunReport {
  receipt::Receipt receipt;
  std::string text;  // its JSON form, which was audited
  verify::AuditReport audit;
};

// Everything a receipt says about a run besides what the session recorded.
struct RunContext {
  ClockTuple start;
  ClockTuple end;
  std::string requested_isa;
  IsaSet detected_isa;
  HostInfo host;
  uint64_t read_bandwidth_mbps = 0;
  std::vector<RunFacts::Sample> samples;
  uint64_t repetition = 0;
  std::optional<ChallengeFacts> challenge;
};

// What a receipt says about program and model, whatever the run. Costs a hash of both files.
struct Provenance {
  BuildFacts build;
  ModelDigests digests;
};
absl::StatusOr<Provenance> ReadProvenance(Session& session);

// Builds the receipt, dated now, and audits its text.
RunReport ReportRun(const Session& session, const GenerateRequest& request, const Completion& completion,
                    const RunContext& run, const Provenance& provenance, const Environment& environment);

// Makes sure, before a run that would be lost without one, that receipt and commitment can be written there, and then
// removes those of an earlier run: when this run fails, none must be left that could be taken for its own. Call it last
// of what can refuse a command line, CheckDistinct included. Links become what they lead to: a link stays a link.
absl::Status ClearReceiptPaths(ReceiptFlags& flags);

// The challenge of --challenge; none without the flag. FailedPrecondition when it has expired: a run that nobody would
// take the receipt of is not begun.
absl::StatusOr<std::optional<ChallengeFacts>> ReadChallenge(const ReceiptFlags& flags);

// What strict mode refuses before a run begins, all of it at once: FailedPrecondition for a build that names no commit
// or was made from changed files, for variables that put other code into the process, and for a receipt without trace.
absl::Status CheckStrict(const ReceiptFlags& flags, const BuildFacts& build, const Environment& environment);

// Entries that the schedule of a run may have so that its receipt, with the samples of `repetitions` (0: a single run),
// stays within what RS-002 allows.
size_t ScheduleLimit(int repetitions);

// A committer for one run of `request`, bound to what its receipt will say; null with --no-commitment.
std::unique_ptr<Committer> StartCommitment(const ReceiptFlags& flags, Session& session, const GenerateRequest& request,
                                           const Provenance& provenance, const RunContext& run);

// ReportRun; writes the commitment, if a file for it is named, and then the text audited, both atomically.
absl::StatusOr<RunReport> WriteReceipt(const ReceiptFlags& flags, const Session& session,
                                       const GenerateRequest& request, const Completion& completion,
                                       const RunContext& run, const Provenance& provenance,
                                       const Commitment& commitment, const Environment& environment);

// "verify: ACCEPT at L1 (21 checks) - /path/receipt.json", or the verdict with the failing checks.
std::string VerdictLine(const verify::AuditReport& audit, const std::string& path);

int VerdictExitCode(const verify::AuditReport& audit);

}  // namespace bitnet::xtask

#endif  // XTASK_RECEIPT_OUTPUT_H_
