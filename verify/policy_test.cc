// Limits of policy files to the last unit, and what is said about what is beyond them. What each member means is tested
// in audit_test.cc.

#include "verify/policy.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;

std::string Error(std::string_view text) {
  const absl::StatusOr<Policy> policy = ParsePolicy(text);
  EXPECT_FALSE(policy.ok()) << text;
  return policy.ok() ? "" : std::string(policy.status().message());
}

std::string Of(std::string_view name, std::string_view value) { return absl::StrCat("{\"", name, "\":", value, "}"); }

TEST(PolicyLimitsTest, IntegersHaveALeastAndAMost) {
  struct Row {
    const char* name;
    const char* least;
    const char* below;  // "" for none
    const char* most;
    const char* above;
  };
  const Row rows[] = {
      {"min_tokens", "1", "0", "9007199254740991", "9007199254740992"},
      {"peak_read_bw_mbps", "1", "0", "9007199254740991", "9007199254740992"},
      {"max_llc_bytes", "0", "-1", "9007199254740991", "9007199254740992"},
      {"peak_macs_per_core_ns", "1", "0", "9007199254740991", "9007199254740992"},
      {"max_clock_skew_s", "0", "-1", "86400", "86401"},
      {"max_age_s", "1", "0", "3162240000", "3162240001"},
  };
  for (const Row& row : rows) {
    EXPECT_TRUE(ParsePolicy(Of(row.name, row.least)).ok()) << row.name;
    EXPECT_TRUE(ParsePolicy(Of(row.name, row.most)).ok()) << row.name;
    EXPECT_THAT(Error(Of(row.name, row.above)), HasSubstr(row.name));
    EXPECT_EQ(Error(Of(row.name, row.below)), absl::StrCat("policy member \"", row.name, "\" must be an integer from ",
                                                           row.least, " to ", row.most, "; got another integer"));
  }
  EXPECT_EQ(ParsePolicy(Of("peak_macs_per_core_ns", "17"))->peak_macs_per_core_ns, 17u);
  EXPECT_EQ(ParsePolicy(Of("max_llc_bytes", "0"))->max_llc_bytes, 0u);
}

TEST(PolicyLimitsTest, DigestsAreAllDigits) {
  const std::string a64(64, 'a'), a40(40, 'a'), a63(63, 'a');
  const auto list = [](std::string_view text) { return absl::StrCat("[\"", text, "\"]"); };
  for (const char* name : {"allowed_models", "allowed_builds", "allowed_commits"}) {
    EXPECT_TRUE(ParsePolicy(Of(name, list(a64))).ok()) << name;
    EXPECT_FALSE(ParsePolicy(Of(name, list(a63))).ok()) << name;
    EXPECT_FALSE(ParsePolicy(Of(name, list(a64 + "a"))).ok()) << name;
    EXPECT_FALSE(ParsePolicy(Of(name, list(a63 + "g"))).ok()) << name;
    EXPECT_EQ(ParsePolicy(Of(name, list(a40))).ok(), std::string_view(name) == "allowed_commits") << name;
    EXPECT_FALSE(ParsePolicy(Of(name, absl::StrCat("[\"", a64, "\",\"x\"]"))).ok()) << name;
    EXPECT_FALSE(ParsePolicy(Of(name, absl::StrCat("[\"x\",\"", a64, "\"]"))).ok()) << name;
  }
  EXPECT_FALSE(ParsePolicy(Of("allowed_commits", list(std::string(39, 'a') + "g"))).ok());
  EXPECT_THAT(Error(Of("allowed_models", "[\"x\"]")), HasSubstr("digests in lower-case hexadecimal digits"));
  EXPECT_THAT(Error(Of("allowed_models", "[]")), HasSubstr("an array of strings, not empty; got another array"));
  EXPECT_THAT(Error(Of("allowed_backends", "[\"cpu\",1]")), HasSubstr("an array of strings, not empty"));
}

TEST(PolicyLimitsTest, ALedgerHeadHasASizeAndARootAndNothingElse) {
  const std::string root(64, 'a');
  const auto head = [](std::string_view members) { return absl::StrCat("{\"ledger_head\":{", members, "}}"); };
  const std::string good = absl::StrCat("\"root\":\"", root, "\"");
  EXPECT_TRUE(ParsePolicy(head(absl::StrCat("\"size\":0,", good))).ok());
  EXPECT_TRUE(ParsePolicy(head(absl::StrCat("\"size\":9007199254740991,", good))).ok());
  EXPECT_FALSE(ParsePolicy(head(absl::StrCat("\"size\":9007199254740992,", good))).ok());
  for (const std::string& members :
       {absl::StrCat("\"size\":-1,", good), absl::StrCat("\"size\":\"1\",", good), absl::StrCat("\"sizes\":1,", good),
        absl::StrCat("\"size\":1,\"extra\":1,", good), std::string("\"size\":1,\"root\":1"),
        absl::StrCat("\"size\":1,\"roots\":\"", root, "\""),
        absl::StrCat("\"size\":1,\"root\":\"", std::string(64, 'A'), "\""),
        absl::StrCat("\"size\":1,\"root\":\"", root, "a\"")}) {
    EXPECT_THAT(Error(head(members)), HasSubstr("64 hexadecimal digits")) << members;
  }
}

TEST(PolicyLimitsTest, TheBuiltInPolicyIsTheDocumentedOne) {
  const Policy policy;
  EXPECT_EQ(policy.min_level, Level::kL1);
  EXPECT_FALSE(policy.strict);
  EXPECT_EQ(policy.min_tokens, 1u);
  EXPECT_FALSE(policy.peak_read_bw_mbps.has_value());
  EXPECT_FALSE(policy.max_llc_bytes.has_value());
  EXPECT_EQ(policy.peak_macs_per_core_ns, 1000u);
  EXPECT_EQ(policy.max_clock_skew, absl::Minutes(5));
  EXPECT_EQ(policy.not_before, absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone()));
  EXPECT_TRUE(policy.require_challenge);
  EXPECT_TRUE(policy.require_ledger);
  EXPECT_FALSE(policy.max_age.has_value());
  EXPECT_FALSE(policy.ledger_head.has_value());
  EXPECT_EQ(LedgerHead().size, 0u);
}

TEST(PolicyLimitsTest, ALedgerIsRequiredWithChallengesOrAHead) {
  Policy policy;
  EXPECT_TRUE(policy.LedgerRequired());
  policy.require_ledger = false;
  EXPECT_FALSE(policy.LedgerRequired());
  policy.require_ledger = true;
  policy.require_challenge = false;
  EXPECT_FALSE(policy.LedgerRequired());
  policy.ledger_head = LedgerHead{};
  EXPECT_TRUE(policy.LedgerRequired());
}

TEST(PolicyLimitsTest, ErrorsSayWhere) {
  EXPECT_THAT(Error(R"({"strict":1})"),
              HasSubstr("policy member \"strict\" must be true or false; got another integer"));
  EXPECT_THAT(Error(R"({"min_level":1})"), HasSubstr("must be a string"));
  EXPECT_THAT(Error(R"({"not_before":"yesterday"})"), HasSubstr("an RFC 3339 time ("));
  EXPECT_THAT(Error(R"({"keys":["a"]})"), HasSubstr("policy member \"keys\", item 0: "));
  EXPECT_THAT(Error(R"({"strict":true,"strict":true})"), HasSubstr("policy at /strict: "));
  EXPECT_EQ(Error("{").substr(0, 8), "policy: ");
  EXPECT_THAT(Error(R"({"min_levels":1})"), HasSubstr("unknown policy member \"min_levels\"; known: min_level"));
}

TEST(PolicyLimitsTest, LevelsHaveNames) {
  for (const Level level : kLevels) {
    EXPECT_EQ(*ParseLevel(LevelName(level)), level);
    EXPECT_EQ(LevelName(level), absl::StrCat("L", static_cast<int>(level)));
  }
  Policy policy;
  policy.min_level = Level::kL3;
  EXPECT_EQ(RaiseLevel("L2", policy).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(RaiseLevel("L2", policy).message(), HasSubstr("level L2 is below L3"));
  EXPECT_EQ(policy.min_level, Level::kL3);
  EXPECT_TRUE(RaiseLevel("L4", policy).ok());
  EXPECT_EQ(policy.min_level, Level::kL4);
}

}  // namespace
}  // namespace bitnet::verify
