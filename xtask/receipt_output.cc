#include "xtask/receipt_output.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/commitment/session_digest.h"
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
  facts.requested_isa = run.requested_isa;
  facts.detected_isa = run.detected_isa;
  facts.host = run.host;
  facts.read_bandwidth_mbps = run.read_bandwidth_mbps;
  facts.timestamp = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone());
  facts.environment = environment.recorded;
  facts.samples = run.samples;
  facts.repetition = run.repetition;
  facts.challenge = run.challenge;
  RunReport report;
  report.receipt = BuildReceipt(session, request, completion, provenance.digests, provenance.build, facts);
  report.text = WriteReceiptJson(report.receipt);
  verify::Policy policy;
  policy.strict = environment.strict;
  report.audit = verify::AuditReceiptText(report.text, policy, now);
  return report;
}

absl::Status ClearReceiptPaths(ReceiptFlags& flags) {
  for (std::string* path : {&flags.receipt, &flags.commitment}) {
    std::error_code error;
    if (!std::filesystem::is_symlink(*path, error)) continue;
    const std::filesystem::path target = std::filesystem::weakly_canonical(*path, error);
    if (error) return absl::InvalidArgumentError(absl::StrCat("cannot replace ", *path, ": ", error.message()));
    *path = target.string();
  }
  // Every place is tried before anything is removed.
  for (const std::string& path : {flags.receipt, flags.commitment}) {
    if (!path.empty()) BITNET_RETURN_IF_ERROR(AtomicFile::Create(path).status());
  }
  for (const std::string& path : {flags.receipt, flags.commitment}) {
    if (path.empty()) continue;
    std::error_code error;
    std::filesystem::remove(path, error);
    if (error) return absl::InvalidArgumentError(absl::StrCat("cannot replace ", path, ": ", error.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ChallengeFacts>> ReadChallenge(const ReceiptFlags& flags) {
  if (flags.challenge.empty()) return std::nullopt;
  BITNET_ASSIGN_OR_RETURN(const attest::Challenge challenge, attest::ReadChallengeFile(flags.challenge));
  if (absl::Now() > challenge.expires_at) {
    return absl::FailedPreconditionError(absl::StrCat(flags.challenge, ": the challenge expired at ",
                                                      attest::FormatUtcSeconds(challenge.expires_at), "; ask ",
                                                      challenge.issued_by, " for another"));
  }
  return ChallengeFacts{challenge.nonce, challenge.issued_by, challenge.plan_digest.value_or("")};
}

absl::Status CheckStrict(const ReceiptFlags& flags, const BuildFacts& build, const Environment& environment) {
  if (!environment.strict) return absl::OkStatus();
  std::vector<std::string> weak;
  if (build.git_commit == "unknown") weak.push_back("this build names no commit; build it in a git checkout");
  if (build.dirty) weak.push_back("this build is of changed files; commit them and build again");
  for (const std::string& variable : environment.foreign_code) {
    weak.push_back(absl::StrCat(variable, " is set: it can put other code into this process; unset it"));
  }
  if (flags.no_commitment) weak.push_back("--no-commitment leaves out evidence");
  if (weak.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("strict mode: ", absl::StrJoin(weak, "; ")));
}

size_t ScheduleLimit(int repetitions) {
  // Bytes of JSON: all but the two lists, one sample with two times of 12 digits, one entry with five members.
  constexpr size_t kLargest = 65536, kRest = 14000, kSample = 95, kEntry = 160, kMostEntries = 256;
  const size_t samples = static_cast<size_t>(repetitions) * kSample;
  const size_t left = samples + kRest < kLargest ? kLargest - kRest - samples : 0;
  return std::clamp<size_t>(left / kEntry, 1, kMostEntries);
}

std::unique_ptr<Committer> StartCommitment(const ReceiptFlags& flags, Session& session, const GenerateRequest& request,
                                           const Provenance& provenance, const RunContext& run) {
  if (flags.no_commitment) return nullptr;
  const Digest digest = SessionDigest(RunHeader(session, request, provenance.digests, run.challenge));
  return std::make_unique<Committer>(session.model().config.shape, digest, session.context().pool,
                                     !flags.commitment.empty());
}

absl::StatusOr<RunReport> WriteReceipt(const ReceiptFlags& flags, const Session& session,
                                       const GenerateRequest& request, const Completion& completion,
                                       const RunContext& run, const Provenance& provenance,
                                       const Commitment& commitment, const Environment& environment) {
  RunReport report = ReportRun(session, request, completion, run, provenance, environment);
  if (!flags.commitment.empty()) {
    const std::vector<uint8_t> bytes = EncodeCommitment(commitment);
    BITNET_RETURN_IF_ERROR(WriteFileAtomically(
        flags.commitment, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
  }
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(flags.receipt, report.text));
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
