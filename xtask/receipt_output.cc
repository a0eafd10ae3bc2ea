#include "xtask/receipt_output.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/build_info.h"

namespace bitnet::xtask {

absl::StatusOr<Provenance> ReadProvenance(Session& session) {
  BITNET_ASSIGN_OR_RETURN(BuildFacts build, ReadBuildFacts());
  return Provenance{std::move(build), ComputeModelDigests(session.model(), session.context().pool)};
}

RunReport ReportRun(const Session& session, const GenerateRequest& request, const Completion& completion,
                    const RunContext& run, const Provenance& provenance, const Environment& environment) {
  const absl::Time now = absl::Now();
  RunFacts facts;
  facts.start = run.start;
  facts.end = run.end;
  facts.requested_tokens = static_cast<uint64_t>(request.max_tokens);
  facts.requested_isa = run.requested_isa;
  facts.detected_isa = run.detected_isa;
  facts.host = run.host;
  facts.read_bandwidth_mbps = run.read_bandwidth_mbps;
  facts.timestamp = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone());
  facts.environment = environment.recorded;
  facts.samples = run.samples;
  facts.repetition = run.repetition;
  RunReport report;
  report.receipt = BuildReceipt(session, request, completion, provenance.digests, provenance.build, facts);
  report.text = WriteReceiptJson(report.receipt);
  verify::Policy policy;
  policy.strict = environment.strict;
  report.audit = verify::AuditReceiptText(report.text, policy, now);
  return report;
}

absl::Status ClearReceiptPath(const std::string& path) {
  BITNET_RETURN_IF_ERROR(AtomicFile::Create(path).status());
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("cannot replace ", path, ": ", error.message()));
  return absl::OkStatus();
}

absl::StatusOr<RunReport> WriteReceipt(const std::string& path, Session& session, const GenerateRequest& request,
                                       const Completion& completion, const RunContext& run,
                                       const Environment& environment) {
  BITNET_ASSIGN_OR_RETURN(const Provenance provenance, ReadProvenance(session));
  RunReport report = ReportRun(session, request, completion, run, provenance, environment);
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(path, report.text));
  return report;
}

std::string VerdictLine(const verify::AuditReport& audit, const std::string& path) {
  std::vector<std::string> blocking;
  for (const verify::CheckReport& check : audit.checks) {
    if (check.blocks) blocking.push_back(absl::StrCat(check.rule->id, " (", check.result.reason, ")"));
  }
  std::string line = absl::StrCat("verify: ", verify::VerdictName(audit.verdict), " at ",
                                  verify::LevelName(audit.level), ", ", audit.checks.size(), " checks - ", path);
  if (!blocking.empty()) absl::StrAppend(&line, "\n  ", absl::StrJoin(blocking, "\n  "));
  return line;
}

int VerdictExitCode(const verify::AuditReport& audit) { return verify::VerdictExitCode(audit.verdict); }

}  // namespace bitnet::xtask
