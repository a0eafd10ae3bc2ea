// Challenges: what makes a receipt fresh. Whoever will rely on a receipt issues a challenge first; the run writes its
// nonce into the receipt, and the auditor takes each nonce once and only while the challenge lasts.
//
//   {"challenge_version": "1", "nonce": <64 hex digits>, "issued_by": "ci:nightly", "issued_at":
//   "2026-11-21T08:00:00Z",
//    "expires_at": "2026-11-21T09:00:00Z", "plan_digest": <64 hex digits>}      (plan_digest may be absent)

#ifndef BITNET_ATTEST_CHALLENGE_H_
#define BITNET_ATTEST_CHALLENGE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace bitnet::attest {

inline constexpr size_t kMaxChallengeBytes = 4096;
inline constexpr size_t kMaxIssuerBytes = 128;

// A value type; times are whole seconds.
struct Challenge {
  std::string nonce;      // 32 random bytes as 64 lower-case hexadecimal digits
  std::string issued_by;  // who asks: 1 to 128 bytes of printable ASCII
  absl::Time issued_at;
  absl::Time expires_at;                   // later than issued_at
  std::optional<std::string> plan_digest;  // SHA-256 of what was agreed to be run, 64 hexadecimal digits

  friend bool operator==(const Challenge& a, const Challenge& b) = default;
};

// A new nonce from the system's generator of random numbers. InvalidArgument when `issued_by`, `ttl` (a second to 366
// days) or `plan_digest` are none that ReadChallenge would take.
absl::StatusOr<Challenge> NewChallenge(std::string_view issued_by, absl::Time now, absl::Duration ttl,
                                       std::optional<std::string> plan_digest);

// Pretty JSON.
std::string WriteChallenge(const Challenge& challenge);

// Strict: the members above and no other. InvalidArgument says where and what was expected. Whether the challenge has
// expired is the caller's question.
absl::StatusOr<Challenge> ReadChallenge(std::string_view text);

// The challenge in the file at `path`; errors begin with the path.
absl::StatusOr<Challenge> ReadChallengeFile(const std::string& path);

// "2026-11-21T08:00:00Z", and back: exactly this form, of a date that exists.
std::string FormatUtcSeconds(absl::Time time);
absl::StatusOr<absl::Time> ParseUtcSeconds(std::string_view text);

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_CHALLENGE_H_
