#include "bitnet/attest/challenge.h"

#include <fstream>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace bitnet::attest {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 8, 0, 0), absl::UTCTimeZone());

constexpr char kText[] =
    R"({"challenge_version":"1","nonce":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",)"
    R"("issued_by":"ci:nightly","issued_at":"2026-11-21T08:00:00Z","expires_at":"2026-11-21T09:00:00Z",)"
    R"("plan_digest":"abababababababababababababababababababababababababababababababab"})";

TEST(ChallengeTest, ReadsWhatItSays) {
  const auto challenge = ReadChallenge(kText);
  ASSERT_TRUE(challenge.ok()) << challenge.status();
  EXPECT_EQ(challenge->nonce, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
  EXPECT_EQ(challenge->issued_by, "ci:nightly");
  EXPECT_EQ(challenge->issued_at, kNow);
  EXPECT_EQ(challenge->expires_at, kNow + absl::Hours(1));
  EXPECT_EQ(challenge->plan_digest, "abababababababababababababababababababababababababababababababab");
  EXPECT_EQ(*ReadChallenge(WriteChallenge(*challenge)), *challenge);
}

TEST(ChallengeTest, NewOnesDiffer) {
  std::set<std::string> nonces;
  for (int i = 0; i < 100; ++i) {
    const auto challenge = NewChallenge("ci", kNow + absl::Milliseconds(999), absl::Hours(1), std::nullopt);
    ASSERT_TRUE(challenge.ok()) << challenge.status();
    EXPECT_TRUE(nonces.insert(challenge->nonce).second);
    EXPECT_EQ(challenge->issued_at, kNow);
    EXPECT_EQ(challenge->expires_at, kNow + absl::Hours(1));
    EXPECT_EQ(*ReadChallenge(WriteChallenge(*challenge)), *challenge);
  }
}

TEST(ChallengeTest, NewOnesAreRefusedForWhatTheReaderWouldRefuse) {
  EXPECT_FALSE(NewChallenge("", kNow, absl::Hours(1), std::nullopt).ok());
  EXPECT_FALSE(NewChallenge("two\nlines", kNow, absl::Hours(1), std::nullopt).ok());
  EXPECT_FALSE(NewChallenge(std::string(129, 'a'), kNow, absl::Hours(1), std::nullopt).ok());
  EXPECT_TRUE(NewChallenge(std::string(128, 'a'), kNow, absl::Hours(1), std::nullopt).ok());
  EXPECT_FALSE(NewChallenge("ci", kNow, absl::Milliseconds(999), std::nullopt).ok());
  EXPECT_TRUE(NewChallenge("ci", kNow, absl::Seconds(1), std::nullopt).ok());
  EXPECT_FALSE(NewChallenge("ci", kNow, -absl::Hours(1), std::nullopt).ok());
  EXPECT_TRUE(NewChallenge("ci", kNow, absl::Hours(366 * 24), std::nullopt).ok());
  EXPECT_FALSE(NewChallenge("ci", kNow, absl::Hours(366 * 24) + absl::Seconds(1), std::nullopt).ok());
  EXPECT_FALSE(NewChallenge("ci", kNow, absl::InfiniteDuration(), std::nullopt).ok());
  EXPECT_FALSE(NewChallenge("ci", kNow, absl::Hours(1), "sha256:ab").ok());
}

TEST(ChallengeTest, AnythingElseIsRefusedByPlace) {
  const struct {
    const char* from;
    const char* to;
    const char* error;
  } kEdits[] = {
      {"\"challenge_version\":\"1\",", "", "/challenge_version: is absent"},
      {"\"1\"", "\"2\"", "/challenge_version: expected \"1\", got \"2\""},
      {"\"1\"", "1", "/challenge_version: expected string, got integer"},
      {"\"nonce\":\"00", "\"nonce\":\"", "/nonce: expected 64"},
      {"\"nonce\":\"00", "\"nonce\":\"0000", "/nonce: expected 64"},
      {"aabbccddeeff\",", "AABBCCDDEEFF\",", "/nonce: expected 64"},
      {"\"nonce\":\"0", "\"nonce\":\"g", "/nonce: expected 64"},
      {"\"ci:nightly\"", "\"\"", "/issued_by: expected 1 to 128"},
      {"\"ci:nightly\"", "\"ci\\u001b[2J\"", "/issued_by: expected 1 to 128"},
      {"\"ci:nightly\"", "\"c\xc3\xaf\"", "/issued_by: expected 1 to 128"},
      {"T08:00:00Z", "T08:00:00+00:00", "/issued_at"},
      {"T08:00:00Z", "T08:00:60Z", "/issued_at"},
      {"T08:00:00Z", "T08:00:00.5Z", "/issued_at"},
      {"T08:00:00Z", " 08:00:00Z", "/issued_at"},
      {"2026-11-21T08:00:00Z", "2026-02-30T08:00:00Z", "/issued_at"},
      {"2026-11-21T08:00:00Z", "infinite-past", "/issued_at"},
      {"2026-11-21T09:00:00Z", "infinite-future", "/expires_at"},
      {"T09:00:00Z", "T08:00:00Z", "/expires_at"},
      {"T09:00:00Z", "T07:00:00Z", "/expires_at"},
      {"2026-11-21T09", "2028-11-21T09", "/expires_at"},
      {"\"abab", "\"ab", "/plan_digest: expected 64"},
      {"\"plan_digest\":\"", "\"plan_digest\":null,\"x\":\"", "/plan_digest: expected string, got null"},
      {"plan_digest", "plan", "/plan: no such member"},
      {"{", "{\"nonce\":\"x\",", "repeats"},
      {"{", "{\"NONCE\":\"x\",", "repeats"},
      {"{", "[{", "not JSON"},
      {"}", "} {}", "not JSON"},
      {"\"ci:nightly\"", "{\"a\":{}}", "nested deeper"},
  };
  for (const auto& edit : kEdits) {
    std::string text = kText;
    const size_t at = text.find(edit.from);
    ASSERT_NE(at, std::string::npos) << edit.from;
    text.replace(at, std::string_view(edit.from).size(), edit.to);
    const auto challenge = ReadChallenge(text);
    ASSERT_FALSE(challenge.ok()) << text;
    EXPECT_TRUE(absl::StrContains(challenge.status().message(), edit.error)) << challenge.status();
  }
  EXPECT_FALSE(ReadChallenge(std::string(kText) + std::string(kMaxChallengeBytes, ' ')).ok());
}

TEST(ChallengeTest, FilesAreNamedInErrors) {
  const std::string path = testing::TempDir() + "/challenge.json";
  std::ofstream(path) << kText;
  EXPECT_TRUE(ReadChallengeFile(path).ok());
  std::ofstream(path) << "{}";
  EXPECT_TRUE(absl::StrContains(ReadChallengeFile(path).status().message(), path));
  EXPECT_TRUE(absl::StrContains(ReadChallengeFile(path + ".not").status().message(), "cannot open"));
  EXPECT_TRUE(absl::StrContains(ReadChallengeFile(testing::TempDir()).status().message(), "Is a directory"));
}

TEST(UtcSecondsTest, OneSpelling) {
  EXPECT_EQ(FormatUtcSeconds(kNow + absl::Milliseconds(1500)), "2026-11-21T08:00:01Z");
  EXPECT_EQ(*ParseUtcSeconds("2026-11-21T08:00:00Z"), kNow);
  EXPECT_TRUE(ParseUtcSeconds("2024-02-29T23:59:59Z").ok());
  for (const char* text : {"", "2026-11-21T08:00:00", "2026-11-21t08:00:00z", "02026-11-21T08:00:0Z",
                           "2026-11-21T8:00:000Z", "+026-11-21T08:00:00Z", "2023-02-29T00:00:00Z"}) {
    EXPECT_FALSE(ParseUtcSeconds(text).ok()) << text;
  }
}

}  // namespace
}  // namespace bitnet::attest
