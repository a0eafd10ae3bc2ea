// `xtask bench-compare` as a user and a program see it. What it measures here is noise: models are tiny and the machine
// may be busy, so nothing is said about which verdict a comparison ends with, only that it is the one of its receipts.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class CliBenchCompareTest : public CliTest {
 protected:
  CliBenchCompareTest() {
    // Runs of a nano model take milliseconds.
    Write("policy.json", R"({"compare": {"looks": [4, 6], "alpha": 0.2, "margin": 0.5, "min_tokens": 8,
                                         "min_decode_ns": 1, "max_resolution_share": 0.1}})");
  }

  ProcessResult Compare(const std::vector<std::string>& more, const char* tokens = "16") {
    std::vector<std::string> args = {"bench-compare", "-m", nano(), "-p", "16", "-n", tokens, "-t", "1", "--seed", "7"};
    args.insert(args.end(), {"--policy", Path("policy.json"), "--out", Path("out")});
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }
  std::vector<std::string> Out() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(Path("out"))) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  JsonValue Receipt(int pair, char side) const {
    return Json(Read(absl::StrFormat("out/pair-%02d-%c.json", pair, side)));
  }
};

int PairsOf(const JsonValue& verdict) { return static_cast<int>(verdict.Find("runs")->array().size()) / 2 - 1; }

TEST_F(CliBenchCompareTest, AVerdictComesWithPlanReceiptsAndEveryRun) {
  const ProcessResult result = Compare({"--json"});
  ASSERT_THAT(result.exit_code, AnyOf(0, 1, 3)) << result.err;
  const JsonValue verdict = Json(result.out);
  EXPECT_EQ(verdict.Find("exit_code")->AsInt64(), result.exit_code);
  EXPECT_EQ(Json(Read("out/verdict.json")).Find("verdict")->string(), verdict.Find("verdict")->string());
  EXPECT_EQ(Json(Read("out/plan.json")), *verdict.Find("plan"));
  EXPECT_EQ(verdict.Find("plan_digest")->string().size(), 64u);
  const int pairs = PairsOf(verdict);
  EXPECT_THAT(pairs, AnyOf(4, 6));
  EXPECT_EQ(Out().size(), 2u * (pairs + 1) + 2) << "all runs, the plan and the verdict";
  for (const JsonValue& run : verdict.Find("runs")->array()) {
    EXPECT_EQ(run.Find("exit_code")->AsInt64(), 0);
    EXPECT_EQ(run.Find("sha256")->string().size(), 64u);
    EXPECT_TRUE(std::filesystem::exists(Path("out/" + run.Find("receipt")->string())));
  }
  EXPECT_THAT(result.err, HasSubstr("4 pairs: "));
}

TEST_F(CliBenchCompareTest, RunsAlternateAndPromptsChangeFromPairToPairOnly) {
  const ProcessResult result = Compare({"--json"});
  ASSERT_THAT(result.exit_code, AnyOf(0, 1, 3)) << result.err;
  const JsonValue verdict = Json(result.out);
  std::string order;
  for (const JsonValue& run : verdict.Find("runs")->array()) order += run.Find("side")->string();
  EXPECT_EQ(order.substr(0, 10), "ababbaabba") << "a warm-up pair, then ABBA";
  std::vector<std::string> prompts;
  for (int pair = 0; pair <= PairsOf(verdict); ++pair) {
    const JsonValue a = Receipt(pair, 'a'), b = Receipt(pair, 'b');
    const auto digest = [](const JsonValue& receipt, const char* name) {
      return receipt.AtPath(absl::StrCat("/evidence/tokens/", name))->string();
    };
    EXPECT_EQ(digest(a, "prompt_ids_digest"), digest(b, "prompt_ids_digest"));
    EXPECT_EQ(digest(a, "output_ids_digest"), digest(b, "output_ids_digest"));
    prompts.push_back(digest(a, "prompt_ids_digest"));
  }
  std::sort(prompts.begin(), prompts.end());
  EXPECT_EQ(std::unique(prompts.begin(), prompts.end()), prompts.end()) << "two pairs had one prompt";
}

// The receipts alone lead the auditor, which never saw the runs, to the same verdict.
TEST_F(CliBenchCompareTest, VerifyCompareAgrees) {
  const ProcessResult result = Compare({"--json"});
  ASSERT_THAT(result.exit_code, AnyOf(0, 1, 3)) << result.err;
  const JsonValue verdict = Json(result.out);
  std::vector<std::string> args = {Verify(), "compare", "--policy", Path("policy.json"), "--json"};
  for (const char side : {'a', 'b'}) {
    args.push_back(side == 'a' ? "--baseline" : "--current");
    for (int pair = 1; pair <= PairsOf(verdict); ++pair) {
      args.push_back(Path(absl::StrFormat("out/pair-%02d-%c.json", pair, side)));
    }
  }
  const ProcessResult audit = RunProgram(args);
  EXPECT_EQ(audit.exit_code, result.exit_code) << audit.err;
  EXPECT_EQ(*Json(audit.out).AtPath("/baseline/metrics"), *verdict.AtPath("/gate/baseline/metrics"));
}

TEST_F(CliBenchCompareTest, ThrottledToATenthItIsNotPassed) {
  const std::string throttle = std::filesystem::absolute("xtask/throttle").string();
  const ProcessResult result = Compare({"--command-b", absl::StrCat(throttle, " 90 ", Program())}, "200");
  EXPECT_THAT(result.exit_code, AnyOf(1, 3)) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("regression"));
}

TEST_F(CliBenchCompareTest, WhatIsNotComparableIsRefusedAfterTheWarmUp) {
  const ProcessResult result = Compare({"--", "--prefill-chunk 4", "--prefill-chunk 8"});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.out, HasSubstr("L5-COMPARABLE-SCHEDULE"));
  EXPECT_THAT(Out(), UnorderedElementsAre("plan.json", "verdict.json", "pair-00-a.json", "pair-00-b.json"));
  std::filesystem::remove_all(Path("out"));
  EXPECT_THAT(Compare({"--vary", "schedule", "--", "--prefill-chunk 4", "--prefill-chunk 8"}).out,
              testing::Not(HasSubstr("L5-COMPARABLE")));
}

TEST_F(CliBenchCompareTest, ARunThatFailsRefusesTheComparison) {
  const ProcessResult result = Compare({"--command-b", "/bin/false"});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.out, HasSubstr("L5-PLAN"));
  EXPECT_THAT(result.out, HasSubstr("pair 0, side b: exit 1"));
  EXPECT_EQ(Json(Read("out/verdict.json")).AtPath("/runs/1/exit_code")->AsInt64(), 1);
}

TEST_F(CliBenchCompareTest, WhatCannotBeMeantIsRefusedByName) {
  EXPECT_EQ(Compare({"--command-b", "/no/such/program"}).exit_code, 2);
  std::filesystem::remove_all(Path("out"));
  ProcessResult result = Compare({"--", "--believe", ""});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--believe"));
  result = Compare({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("expected a new or empty folder"));
  EXPECT_EQ(Compare({"--", "--isa scalar"}).exit_code, 2) << "options of both sides or of none";
  EXPECT_EQ(Compare({"--vary", "machine"}).exit_code, 2);
}

TEST_F(CliBenchCompareTest, AnInterruptionLeavesNoVerdict) {
  TestingModel mini("mini", 1);
  options_.terminal = true;
  Process process({Program(), "bench-compare", "-m", mini.path(), "-n", "3000", "--out", Path("out")}, options_);
  ASSERT_TRUE(process.WaitFor("side A"));
  process.Signal(SIGINT);
  const ProcessResult result = process.Wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(Out(), ElementsAre("plan.json"));
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace bitnet::xtask
