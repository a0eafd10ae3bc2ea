// MeasuredRun: what a comparison takes from one receipt: whether it is accepted, on what it ran, and how fast.

#ifndef VERIFY_COMPARE_MEASURED_RUN_H_
#define VERIFY_COMPARE_MEASURED_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "verify/audit.h"
#include "verify/policy.h"

namespace bitnet::verify {

// A value type. A text or number that the receipt does not have is empty.
struct MeasuredRun {
  std::string source;          // where the receipt was read, for messages
  std::string receipt_sha256;  // of its bytes
  Verdict audit = Verdict::kUnverifiable;
  std::string objection;  // the first check that keeps the audit from accepting it, with its reason
  std::optional<absl::Time> timestamp;

  // What was run. Structured members are canonical JSON.
  std::string ternary_digest;
  std::string profile;
  std::string workload;  // prompt, generated and reused tokens; sampling
  std::string schedule;
  std::string prompt_digest;
  std::string output_digest;
  std::string plan_digest;
  // On what.
  std::string machine;  // MachineFingerprint
  std::string machine_facts;
  std::string governor;
  std::string density;  // of the trace commitment
  std::optional<uint64_t> threads;

  // How fast. A benchmark with several repetitions is one run, for a process is one draw from all that differs between
  // processes: its times are the medians of its repetitions (the lower one of an even number).
  bool measured = false;  // the receipt says that its speed was
  uint64_t prompt_tokens = 0;
  uint64_t generated_tokens = 0;
  std::optional<uint64_t> load_ns;
  std::optional<uint64_t> prefill_ns;
  std::optional<uint64_t> decode_ns;
  std::optional<uint64_t> peak_rss_bytes;
  std::optional<uint64_t> resolution_ns;
};

// Audits `text` at the policy's level, at least L1, and reads it. Never fails: what is no receipt is not accepted.
MeasuredRun ReadMeasuredRun(std::string_view source, std::string_view text, const Policy& policy, absl::Time now);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_MEASURED_RUN_H_
