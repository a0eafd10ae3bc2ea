// Policy: what its owner demands of a receipt. It lives with whoever relies on the receipt, never inside it, so a
// receipt cannot ask to be checked less.

#ifndef VERIFY_POLICY_H_
#define VERIFY_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bitnet/attest/ed25519.h"
#include "verify/compare/compare_policy.h"

namespace bitnet::verify {

// How much is established; each level includes the ones below.
enum class Level : uint8_t {
  kL0 = 0,  // schema and hygiene
  kL1 = 1,  // internal consistency
  kL2 = 2,  // bound to a model file and to what every layer computed
  kL3 = 3,  // signed by a key that the policy trusts, fresh
  kL4 = 4,  // recomputed
};
inline constexpr Level kLevels[] = {Level::kL0, Level::kL1, Level::kL2, Level::kL3, Level::kL4};

std::string_view LevelName(Level level);  // "L0"
absl::StatusOr<Level> ParseLevel(std::string_view name);

// A ledger of nonces as the policy's owner last saw it.
struct LedgerHead {
  uint64_t size = 0;  // lines
  std::string root;   // after them, 64 hexadecimal digits
};

// A value type; the defaults are the built-in policy.
struct Policy {
  Level min_level = Level::kL1;
  // Also take "not measured" for "not established", and refuse builds that name no commit.
  bool strict = false;
  std::vector<std::string> allowed_backends = {"cpu"};
  // Tokens that must have been generated. A policy for benchmarks asks for 64 or more.
  uint64_t min_tokens = 1;
  // Peak memory read bandwidth of the machine in MB/s, when its owner knows it; caps the receipt's own probe.
  std::optional<uint64_t> peak_read_bw_mbps;
  // Last-level cache of the machine in bytes, when its owner knows it; caps what the receipt says.
  std::optional<uint64_t> max_llc_bytes;
  // The most multiply-accumulates that one core can do in a nanosecond. 1000 is above any CPU without a matrix unit:
  // two 512-bit int8 dot products a cycle are 128 MACs, 5.7 GHz makes that 730.
  uint64_t peak_macs_per_core_ns = 1000;
  // A receipt may be dated this far ahead of the auditor's clock.
  absl::Duration max_clock_skew = absl::Minutes(5);
  // Of a run that the auditor launched, how much of the time outside the receipt may leave unexplained; empty: any.
  std::optional<uint64_t> max_unexplained_percent;
  // No receipt can be older: there was no engine that writes `evidence` before.
  absl::Time not_before = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());

  // From here on: level L3.
  // Whose signatures count. None by default: a key is trusted by someone, never by itself.
  std::vector<attest::PublicKey> keys;
  // The run must answer a challenge, and its nonce must not be in the ledger, which must then be given.
  bool require_challenge = true;
  bool require_ledger = true;
  std::optional<LedgerHead> ledger_head;  // the ledger must continue from here
  // A receipt must not be dated longer ago than this.
  std::optional<absl::Duration> max_age;
  // The subjects that are asked for, each as lower-case hexadecimal digits; empty: any.
  std::vector<std::string> allowed_models;   // SHA-256 of the file
  std::vector<std::string> allowed_builds;   // SHA-256 of the engine's binary
  std::vector<std::string> allowed_commits;  // object ids of git

  // Comparisons of speed.
  ComparePolicy compare;

  // Without nonces there is nothing to remember, unless a ledger to continue from is named.
  bool LedgerRequired() const { return (require_challenge && require_ledger) || ledger_head.has_value(); }
};

// Reads a policy file: a JSON object with any of
//   "min_level": "L0".."L4", "strict": bool, "allowed_backends": [string, ...], "min_tokens": integer,
//   "peak_read_bw_mbps": integer, "max_llc_bytes": integer, "peak_macs_per_core_ns": integer,
//   "max_clock_skew_s": integer, "max_unexplained_percent": integer from 0 to 100, "not_before": RFC 3339 string,
//   "keys": [PEM or hexadecimal DER, ...],
//   "require_challenge": bool, "require_ledger": bool, "ledger_head": {"size": integer, "root": hex},
//   "max_age_s": integer, "allowed_models": [hex, ...], "allowed_builds": [hex, ...], "allowed_commits": [hex, ...],
//   "compare": object, see ParseComparePolicy
// An unknown or mistyped member is an error, for a demand that is misspelt is not made.
absl::StatusOr<Policy> ParsePolicy(std::string_view text);

// Sets `policy.min_level` to the level called `name`. A policy can be asked for more than it demands, never for less:
// FailedPrecondition when `name` is below its level.
absl::Status RaiseLevel(std::string_view name, Policy& policy);

}  // namespace bitnet::verify

#endif  // VERIFY_POLICY_H_
