#include "verify/compare/compare_policy.h"

#include <string>

#include "absl/status/status.h"
#include "bitnet/receipt/json_reader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/policy.h"

namespace bitnet::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<ComparePolicy> Parse(std::string_view text) { return ParseComparePolicy(*ParseJsonText(text)); }

TEST(ComparePolicyTest, EveryMemberIsRead) {
  const auto policy =
      Parse(R"({"margin": 0.01, "alpha": 0.1, "looks": [5, 60], "rss_margin": 0.2, "anchor_margin": 0.04,
      "min_tokens": 16, "min_decode_ns": 1000, "max_resolution_share": 0.01, "max_baseline_days": 7,
      "warn_if_inconclusive": true, "may_differ": ["threads", "density", "schedule"]})");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->margin, 0.01);
  EXPECT_EQ(policy->alpha, 0.1);
  EXPECT_THAT(policy->looks, ElementsAre(5, 60));
  EXPECT_EQ(policy->rss_margin, 0.2);
  EXPECT_EQ(policy->anchor_margin, 0.04);
  EXPECT_EQ(policy->min_tokens, 16u);
  EXPECT_EQ(policy->min_decode_ns, 1000u);
  EXPECT_EQ(policy->max_resolution_share, 0.01);
  EXPECT_EQ(policy->max_baseline_days, 7u);
  EXPECT_TRUE(policy->warn_if_inconclusive);
  EXPECT_EQ(policy->may_differ.size(), 3u);
  EXPECT_DOUBLE_EQ(policy->LevelPerLook(), 0.05);
}

TEST(ComparePolicyTest, TheDefaultsAreTheDocumentedOnes) {
  const auto policy = Parse("{}");
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->margin, 0.03);
  EXPECT_EQ(policy->alpha, 0.05);
  EXPECT_THAT(policy->looks, ElementsAre(10, 20, 30, 40));
  EXPECT_EQ(policy->rss_margin, 0.03);
  EXPECT_EQ(policy->anchor_margin, 0.05);
  EXPECT_EQ(policy->min_tokens, 64u);
  EXPECT_EQ(policy->min_decode_ns, 2'000'000'000u);
  EXPECT_EQ(policy->max_resolution_share, 0.001);
  EXPECT_EQ(policy->max_baseline_days, 30u);
  EXPECT_FALSE(policy->warn_if_inconclusive);
  EXPECT_EQ(policy->baseline_root, "");
  EXPECT_EQ(policy->anchor_root, "");
  EXPECT_TRUE(policy->may_differ.empty());
}

TEST(ComparePolicyTest, WrongMembersAreRefusedByName) {
  for (const char* text : {
           R"({"margin": 0})",
           R"({"margin": 0.51})",
           R"({"margin": -0.03})",
           R"({"margin": "0.03"})",
           R"({"alpha": 0.21})",
           R"({"alpha": 0})",
           R"({"looks": []})",
           R"({"looks": [10, 10]})",
           R"({"looks": [20, 10]})",
           R"({"looks": [1, 10]})",
           R"({"looks": [10, 61]})",
           R"({"looks": [2,3,4,5,6,7,8,9,10]})",
           R"({"looks": 10})",
           R"({"min_tokens": 1})",
           R"({"min_decode_ns": 0})",
           R"({"min_tokens": 64.0})",
           R"({"may_differ": ["cpu"]})",
           R"({"may_differ": "threads"})",
           R"({"may_differ": [1]})",
           R"({"rss_margin": 0.6})",
           R"({"anchor_margin": null})",
           R"({"max_baseline_days": 0})",
           R"({"max_baseline_days": 366})",
           R"({"warn_if_inconclusive": 1})",
           R"({"max_resolution_share": 0.2})",
           R"({"margins": 0.03})",
           R"([])",
       }) {
    const auto policy = Parse(text);
    ASSERT_FALSE(policy.ok()) << text;
    EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_THAT(Parse(R"({"margins": 0.03})").status().message(), HasSubstr("compare.margins"));
  EXPECT_THAT(Parse(R"({"margin": 1})").status().message(), HasSubstr("at most 0.5"));
  EXPECT_TRUE(Parse(R"({"margin": 0.5, "alpha": 0.2, "looks": [2, 3, 4, 5, 6, 7, 8, 60]})").ok()) << "the limits";
}

TEST(ComparePolicyTest, LimitsAreWithinAndTheNextValueIsNot) {
  for (const char* text : {
           R"({"margin": 0.5, "alpha": 0.2, "rss_margin": 0.5, "anchor_margin": 0.5, "max_resolution_share": 0.1})",
           R"({"min_tokens": 2, "min_decode_ns": 1, "max_baseline_days": 1})",
           R"({"min_tokens": 9007199254740991, "min_decode_ns": 9007199254740991, "max_baseline_days": 365})",
           R"({"looks": [2]})",
           R"({"looks": [60]})",
           R"({"may_differ": []})",
       }) {
    EXPECT_TRUE(Parse(text).ok()) << text << ": " << Parse(text).status();
  }
  for (const char* text : {
           R"({"margin": 0.5000000000000001})",
           R"({"alpha": 0.20000000000000004})",
           R"({"rss_margin": 0.5000000000000001})",
           R"({"anchor_margin": 0.5000000000000001})",
           R"({"max_resolution_share": 0.10000000000000002})",
           R"({"min_tokens": 9007199254740992})",
           R"({"min_decode_ns": 9007199254740992})",
           R"({"rss_margin": 0})",
           R"({"anchor_margin": 0.0})",
           R"({"max_resolution_share": 0})",
       }) {
    EXPECT_FALSE(Parse(text).ok()) << text;
  }
  EXPECT_THAT(Parse(R"({"looks": 1})").status().message(), HasSubstr("1 to 8 ascending integers from 2 to 60"));
  EXPECT_THAT(Parse(R"({"min_tokens": 1})").status().message(), HasSubstr("from 2 to 9007199254740991"));
}

TEST(ComparePolicyTest, RootsAreDigests) {
  const std::string root(64, 'a');
  const auto policy = Parse("{\"baseline_root\": \"" + root + "\", \"anchor_root\": \"" + root + "\"}");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->baseline_root, root);
  EXPECT_EQ(policy->anchor_root, root);
  EXPECT_FALSE(Parse(R"({"baseline_root": ""})").ok());
  EXPECT_FALSE(Parse("{\"anchor_root\": \"" + std::string(64, 'A') + "\"}").ok());
}

TEST(ComparePolicyTest, ItIsAMemberOfThePolicyFile) {
  const auto policy = ParsePolicy(R"({"min_level": "L1", "compare": {"margin": 0.02}})");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->compare.margin, 0.02);
  EXPECT_FALSE(ParsePolicy(R"({"compare": {"margin": 2}})").ok());
  EXPECT_FALSE(ParsePolicy(R"({"compare": 1})").ok());
}

}  // namespace
}  // namespace bitnet::verify
