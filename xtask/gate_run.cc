#include "xtask/gate_run.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::xtask {
namespace {

absl::StatusOr<std::string> DigestOf(const std::string& path) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile mapped, MappedFile::Open(path));
  return ToHex(Sha256Of(mapped.bytes()));
}

void AddUnreadable(const std::string& file, const absl::Status& status, GateRun& run) {
  run.Add("evidence", GateOutcome::kFailed, absl::StrCat("cannot be read: ", status.message()), file);
}

}  // namespace

std::string_view ConclusionName(GateConclusion conclusion) {
  static constexpr std::string_view kNames[] = {"success", "failure", "neutral"};
  return kNames[static_cast<int>(conclusion)];
}

int ConclusionExitCode(GateConclusion conclusion) {
  static constexpr int kCodes[] = {0, 1, 3};
  return kCodes[static_cast<int>(conclusion)];
}

std::string_view OutcomeName(GateOutcome outcome) {
  static constexpr std::string_view kNames[] = {"passed", "failed", "skipped"};
  return kNames[static_cast<int>(outcome)];
}

size_t GateRun::Count(GateOutcome outcome) const {
  return static_cast<size_t>(std::ranges::count(checks, outcome, &GateCheck::outcome));
}

GateConclusion GateRun::conclusion() const {
  if (Count(GateOutcome::kFailed) > 0) return GateConclusion::kFailure;
  if (!measured || Count(GateOutcome::kPassed) == 0 || evidence.empty()) return GateConclusion::kNeutral;
  return GateConclusion::kSuccess;
}

void AddEvidence(const std::string& folder, const std::string& file, GateRun& run) {
  absl::StatusOr<std::string> digest = DigestOf(absl::StrCat(folder, "/", file));
  if (!digest.ok()) return AddUnreadable(file, digest.status(), run);
  run.evidence.push_back({file, *std::move(digest)});
}

void CheckEvidence(const std::string& folder, GateRun& run) {
  for (const GateEvidence& item : run.evidence) {
    const absl::StatusOr<std::string> digest = DigestOf(absl::StrCat(folder, "/", item.file));
    if (!digest.ok()) {
      AddUnreadable(item.file, digest.status(), run);
    } else if (*digest != item.sha256) {
      run.Add("evidence", GateOutcome::kFailed,
              absl::StrCat("changed since it was judged: expected sha256 ", item.sha256, ", got ", *digest), item.file);
    }
  }
}

}  // namespace bitnet::xtask
