#include "bitnet/attest/challenge.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/strict_object.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet::attest {
namespace {

constexpr JsonLimits kChallengeLimits = {kMaxChallengeBytes, 1};
constexpr std::string_view kVersion = "1";
constexpr size_t kDigestDigits = 64;
constexpr absl::Duration kMaxTtl = absl::Hours(24 * 366);
constexpr char kUtcSeconds[] = "%Y-%m-%dT%H:%M:%SZ";
constexpr size_t kUtcSecondsSize = 20;

// "" when the challenge is one; else what is wrong, as "<member>: ...".
std::string Objection(const Challenge& challenge) {
  if (!IsLowerHex(challenge.nonce, kDigestDigits)) return "nonce: expected 64 lower-case hexadecimal digits";
  const std::string& issuer = challenge.issued_by;
  if (issuer.empty() || issuer.size() > kMaxIssuerBytes ||
      !std::ranges::all_of(issuer, [](unsigned char c) { return absl::ascii_isprint(c); })) {
    return absl::StrCat("issued_by: expected 1 to ", kMaxIssuerBytes, " bytes of printable ASCII");
  }
  const absl::Duration ttl = challenge.expires_at - challenge.issued_at;
  if (ttl < absl::Seconds(1) || ttl > kMaxTtl) {
    return absl::StrCat("expires_at: ", absl::FormatDuration(ttl),
                        " after issued_at; expected a second to 366 days after it");
  }
  if (challenge.plan_digest && !IsLowerHex(*challenge.plan_digest, kDigestDigits)) {
    return "plan_digest: expected 64 lower-case hexadecimal digits";
  }
  return "";
}

absl::StatusOr<absl::Time> TimeMember(StrictObject& object, std::string_view name) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view text, object.Text(name, kMaxChallengeBytes));
  absl::StatusOr<absl::Time> time = ParseUtcSeconds(text);
  if (!time.ok()) return object.Wrong(name, time.status().message());
  return time;
}

}  // namespace

absl::StatusOr<Challenge> NewChallenge(std::string_view issued_by, absl::Time now, absl::Duration ttl,
                                       std::optional<std::string> plan_digest) {
  Digest nonce;
  CHECK_EQ(getrandom(nonce.data(), nonce.size(), 0), static_cast<ssize_t>(nonce.size()));
  const absl::Time issued_at = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  Challenge challenge{ToHex(nonce), std::string(issued_by), issued_at, issued_at + absl::Floor(ttl, absl::Seconds(1)),
                      std::move(plan_digest)};
  if (const std::string objection = Objection(challenge); !objection.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("challenge ", objection));
  }
  return challenge;
}

std::string WriteChallenge(const Challenge& challenge) {
  JsonValue::Object members = {
      {"challenge_version", JsonValue::String(std::string(kVersion))},
      {"nonce", JsonValue::String(challenge.nonce)},
      {"issued_by", JsonValue::String(challenge.issued_by)},
      {"issued_at", JsonValue::String(FormatUtcSeconds(challenge.issued_at))},
      {"expires_at", JsonValue::String(FormatUtcSeconds(challenge.expires_at))},
  };
  if (challenge.plan_digest) members.push_back({"plan_digest", JsonValue::String(*challenge.plan_digest)});
  return WritePrettyJson(JsonValue::MakeObject(std::move(members)));
}

absl::StatusOr<Challenge> ReadChallenge(std::string_view text) {
  constexpr std::string_view kWhat = "challenge";
  BITNET_ASSIGN_OR_RETURN(const JsonValue value, ParseObject(kWhat, text, kChallengeLimits));
  BITNET_ASSIGN_OR_RETURN(StrictObject object, StrictObject::Open(kWhat, "", value));
  BITNET_RETURN_IF_ERROR(object.Expect("challenge_version", kVersion));
  Challenge challenge;
  BITNET_ASSIGN_OR_RETURN(challenge.nonce, object.Text("nonce", kMaxChallengeBytes));
  BITNET_ASSIGN_OR_RETURN(challenge.issued_by, object.Text("issued_by", kMaxChallengeBytes));
  BITNET_ASSIGN_OR_RETURN(challenge.issued_at, TimeMember(object, "issued_at"));
  BITNET_ASSIGN_OR_RETURN(challenge.expires_at, TimeMember(object, "expires_at"));
  if (object.Has("plan_digest")) {
    BITNET_ASSIGN_OR_RETURN(challenge.plan_digest, object.Text("plan_digest", kMaxChallengeBytes));
  }
  BITNET_RETURN_IF_ERROR(object.Finish());
  if (const std::string objection = Objection(challenge); !objection.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("challenge at /", objection));
  }
  return challenge;
}

absl::StatusOr<Challenge> ReadChallengeFile(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  std::string text(kMaxChallengeBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  const int error = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  if (error != 0) {
    return absl::InvalidArgumentError(absl::ErrnoToStatus(error, absl::StrCat("cannot read ", path)).message());
  }
  absl::StatusOr<Challenge> challenge = ReadChallenge(text);
  if (!challenge.ok()) {
    return absl::Status(challenge.status().code(), absl::StrCat(path, ": ", challenge.status().message()));
  }
  return challenge;
}

std::string FormatUtcSeconds(absl::Time time) { return absl::FormatTime(kUtcSeconds, time, absl::UTCTimeZone()); }

absl::StatusOr<absl::Time> ParseUtcSeconds(std::string_view text) {
  absl::Time time;
  std::string error;
  // What is written back differently was another spelling: blanks, a leap second. Other lengths are years of more
  // digits, and the words that absl has for infinity.
  if (text.size() != kUtcSecondsSize || !absl::ParseTime(kUtcSeconds, text, &time, &error) ||
      FormatUtcSeconds(time) != text) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", absl::CHexEscape(text), "\"; expected a time such as 2026-11-21T08:00:00Z"));
  }
  return time;
}

}  // namespace bitnet::attest
