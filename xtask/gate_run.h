// GateRun: what a gate found, and its conclusion, which nothing but its checks and its evidence decides.

#ifndef XTASK_GATE_RUN_H_
#define XTASK_GATE_RUN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace bitnet::xtask {

enum class GateOutcome : uint8_t {
  kPassed,
  kFailed,
  kSkipped,  // not looked at, or nothing to look at; says why
};

struct GateCheck {
  std::string id;  // "L1-TPS", "decode_tokens_per_second"
  GateOutcome outcome = GateOutcome::kSkipped;
  std::string message;  // for people; any bytes
  std::string file;     // what it is about, relative to the gate's folder; may be empty
};

struct GateEvidence {
  std::string file;    // relative to the gate's folder
  std::string sha256;  // of what was judged
};

enum class GateConclusion : uint8_t { kSuccess, kFailure, kNeutral };

std::string_view ConclusionName(GateConclusion conclusion);  // "success"
int ConclusionExitCode(GateConclusion conclusion);           // 0 success, 1 failure, 3 neutral
std::string_view OutcomeName(GateOutcome outcome);           // "passed"

struct GateRun {
  std::string name;     // "benchmarks"
  std::string title;    // one line: what was found
  std::string version;  // of this program
  std::string commit;   // that it was built from, or "unknown"
  absl::Time started;
  absl::Time completed;
  // Whether the gate measured or inspected what it is there for. A gate that did not cannot succeed, however many
  // checks passed on the way.
  bool measured = false;
  std::vector<GateCheck> checks;
  std::vector<GateEvidence> evidence;

  void Add(std::string id, GateOutcome outcome, std::string message, std::string file = "") {
    checks.push_back({std::move(id), outcome, std::move(message), std::move(file)});
  }
  size_t Count(GateOutcome outcome) const;

  // Failure if a check failed; else neutral unless something was measured, a check passed and there is evidence.
  GateConclusion conclusion() const;
};

// Takes `folder`/`file` for evidence, with its digest. A file that cannot be read is a check that failed.
void AddEvidence(const std::string& folder, const std::string& file, GateRun& run);

// Reads every file of evidence again, last of all: one that is gone, or is not what was judged, is a check that failed.
// That all are there is no check that passed, for it says nothing about what the gate is there for.
void CheckEvidence(const std::string& folder, GateRun& run);

}  // namespace bitnet::xtask

#endif  // XTASK_GATE_RUN_H_
