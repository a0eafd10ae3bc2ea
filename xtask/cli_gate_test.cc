// `xtask gate` and `xtask baseline` as CI sees them: exit codes, check runs, JUnit, SARIF, evidence. Speeds of tiny
// models are noise; what is tested is that conclusions follow from checks, and checks from runs.

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CliGateTest : public CliTest {
 protected:
  CliGateTest() { WritePolicy(10); }

  // Runs of a nano model take milliseconds, and may differ by any factor on a busy machine.
  void WritePolicy(int pairs) {
    Write("policy.json",
          absl::StrCat(R"({"compare": {"alpha": 0.2, "margin": 0.5, "min_tokens": 8, "min_decode_ns": 1, )",
                       R"("max_resolution_share": 0.1, "looks": [)", pairs, "]}}"));
  }

  // The check run on stdout.
  ProcessResult Gate(std::vector<std::string> args) {
    args.insert(args.begin(), "gate");
    args.insert(args.begin() + 2, "--json");
    return Run(args);
  }

  ProcessResult Bench(std::vector<std::string> command, const std::vector<std::string>& more) {
    if (command[0] == "gate") command.emplace_back("--json");
    for (const char* arg : {"-m", nano().c_str(), "-p", "16", "-n", "16", "-t", "1", "--policy"}) {
      command.emplace_back(arg);
    }
    command.push_back(Path("policy.json"));
    command.insert(command.end(), more.begin(), more.end());
    return Run(command);
  }

  // What holds for every gate that wrote its files: the conclusion is the exit code's, success needs passed checks, and
  // every file of evidence has its digest.
  JsonValue CheckFiles(const ProcessResult& result, const std::string& folder) {
    const JsonValue json = Json(Read(folder + "/check-run.json"));
    EXPECT_EQ(result.out, CanonicalJson(json) + "\n");
    EXPECT_EQ(json.Find("status")->string(), "completed");
    const std::string& conclusion = json.Find("conclusion")->string();
    EXPECT_EQ(conclusion, result.exit_code == 0 ? "success" : result.exit_code == 1 ? "failure" : "neutral");
    EXPECT_THAT(Read(folder + "/junit.xml"), HasSubstr("<testsuite name=\"" + json.Find("name")->string()));
    EXPECT_TRUE(json.Find("conclusion")->string() != "success" || !json.Find("evidence")->array().empty());
    EXPECT_EQ(Json(Read(folder + "/results.sarif")).Find("version")->string(), "2.1.0");
    for (const JsonValue& item : json.Find("evidence")->array()) {
      EXPECT_EQ(ToHex(Sha256Of(Read(folder + "/" + item.Find("file")->string()))), item.Find("sha256")->string());
    }
    return json;
  }
  std::string Text(const JsonValue& check_run) { return check_run.AtPath("/output/text")->string(); }
};

// What is wrong with a file is said before minutes of runs, and whatever else there is to say.
TEST_F(CliGateTest, FilesThatAreNotThereAreBadInput) {
  ProcessResult result = Bench({"baseline", "create"}, {"--out", Path("b"), "--key", Path("no.key")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("no.key"));
  EXPECT_FALSE(std::filesystem::exists(Path("b"))) << "it ran";
  result = Gate({"perf", "--policy", Path("no-policy.json"), "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("no-policy.json"));
  for (const char* limit : {"fast", "nan", "-1", "inf"}) {
    result = Gate({"slo", "--min-decode-tps", limit});
    EXPECT_EQ(result.exit_code, 2) << limit;
    EXPECT_THAT(result.err, HasSubstr("--min-decode-tps: expected a number in [1e-06 - 1e+12], got ")) << limit;
  }
}

TEST_F(CliGateTest, BenchmarksRunsAndAuditsAReceipt) {
  const ProcessResult result = Bench({"gate", "benchmarks"}, {"-r", "2", "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const JsonValue check_run = CheckFiles(result, "g");
  EXPECT_EQ(check_run.Find("name")->string(), "bitnet/benchmarks");
  EXPECT_THAT(check_run.AtPath("/output/title")->string(), StartsWith("decode "));
  EXPECT_THAT(Text(check_run), HasSubstr("| L1-COUNT | passed |"));
  EXPECT_EQ(check_run.AtPath("/evidence/0/file")->string(), "receipt.json");
  EXPECT_EQ(Json(Read("g/receipt.json")).AtPath("/evidence/perf/samples")->array().size(), 2u);
}

// One token has no rate: the receipt is accepted, and still nothing was measured.
TEST_F(CliGateTest, BenchmarksWithoutASpeedAreNeutral) {
  const ProcessResult result = Gate({"benchmarks", "-m", nano(), "-p", "4", "-n", "1", "-t", "1", "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(Text(CheckFiles(result, "g")), HasSubstr("| speed | skipped |"));
}

TEST_F(CliGateTest, PerfWithNothingToCompareWithIsNeutral) {
  const ProcessResult result = Gate({"perf", "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(Text(CheckFiles(result, "g")), HasSubstr("| baseline | skipped |"));
}

TEST_F(CliGateTest, PerfComparesWithARecordedAndSignedBaseline) {
  ASSERT_EQ(Run({"keygen", "--out", Path("ci")}).exit_code, 0);
  const ProcessResult created =
      Bench({"baseline", "create"}, {"--runs", "10", "--out", Path("b"), "--key", Path("ci.key")});
  ASSERT_EQ(created.exit_code, 0) << created.err;
  EXPECT_EQ(created.out, Path("b/manifest.json\n"));
  EXPECT_EQ(Run({"baseline", "show", Path("b/manifest.json"), "--key", Path("ci.pub")}).exit_code, 0);
  EXPECT_EQ(Run({"baseline", "show", Path("b/manifest.json")}).exit_code, 3) << "signed, and no key to check it with";

  const std::vector<std::string> perf = {"--baseline-manifest", Path("b/manifest.json"), "--key", Path("ci.pub")};
  std::vector<std::string> args = perf;
  args.insert(args.end(), {"--runs", "10", "--out", Path("g")});
  ProcessResult result = Bench({"gate", "perf"}, args);
  ASSERT_THAT(result.exit_code, AnyOf(0, 1)) << result.err;
  JsonValue check_run = CheckFiles(result, "g");
  EXPECT_THAT(Text(check_run), HasSubstr("| decode_tokens_per_second | "));
  EXPECT_THAT(Text(check_run), Not(HasSubstr("L5-BASE")));
  EXPECT_EQ(check_run.Find("evidence")->array().size(), 12u) << "the manifest, ten receipts, the verdict";

  // One byte of one receipt of the baseline.
  Write("b/run-03.json", Read("b/run-03.json") + "\n");
  EXPECT_EQ(Run({"baseline", "show", Path("b/manifest.json"), "--key", Path("ci.pub")}).exit_code, 3);
  args = perf;
  args.insert(args.end(), {"--out", Path("h")});
  result = Bench({"gate", "perf"}, args);
  EXPECT_EQ(result.exit_code, 1) << result.err;
  check_run = CheckFiles(result, "h");
  EXPECT_THAT(Text(check_run), HasSubstr("| L5-BASE | failed |"));
  EXPECT_THAT(check_run.AtPath("/output/summary")->string(), HasSubstr("nothing was measured"));
}

TEST_F(CliGateTest, PerfComparesWithAnotherProgram) {
  WritePolicy(4);
  const ProcessResult result = Bench({"gate", "perf"}, {"--command-a", Program(), "--out", Path("g")});
  ASSERT_THAT(result.exit_code, AnyOf(0, 1)) << result.err;
  const JsonValue check_run = CheckFiles(result, "g");
  EXPECT_EQ(check_run.Find("evidence")->array().size(), 12u) << "the plan, a warm-up pair, four pairs, the verdict";
  EXPECT_EQ(Json(Read("g/verdict.json")).Find("verdict")->string(), check_run.AtPath("/output/title")->string());
}

// What the commitment costs, and that the comparison is about nothing else unless it says so.
TEST_F(CliGateTest, PerfComparesOptionsOfOneProgram) {
  WritePolicy(4);
  ProcessResult result =
      Bench({"gate", "perf"}, {"--vary", "density", "--out", Path("g"), "--", "--no-commitment", ""});
  ASSERT_THAT(result.exit_code, AnyOf(0, 1)) << result.err;
  EXPECT_THAT(Text(CheckFiles(result, "g")), Not(HasSubstr("L5-COMPARABLE")));
  EXPECT_EQ(Json(Read("g/pair-01-a.json")).AtPath("/evidence/trace"), nullptr);
  EXPECT_NE(Json(Read("g/pair-01-b.json")).AtPath("/evidence/trace"), nullptr);
  result = Bench({"gate", "perf"}, {"--out", Path("h"), "--", "--no-commitment", ""});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const JsonValue check_run = CheckFiles(result, "h");
  EXPECT_THAT(Text(check_run), HasSubstr("| L5-COMPARABLE-DENSITY | failed |"));
  EXPECT_THAT(check_run.AtPath("/output/summary")->string(), HasSubstr("nothing was measured"));
}

// Strict mode reaches the side that asks for it, which here refuses to begin.
TEST_F(CliGateTest, PerfAsksOneSideToBeStrict) {
  options_.environment["LD_LIBRARY_PATH"] = "/nowhere";
  const ProcessResult result = Bench({"gate", "perf"}, {"--out", Path("g"), "--", "", "--strict"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const std::string text = Text(CheckFiles(result, "g"));
  EXPECT_THAT(text, HasSubstr("| L5-PLAN | failed |"));
  EXPECT_THAT(text, HasSubstr("pair 0, side b: exit 2: error: strict mode: "));
}

TEST_F(CliGateTest, PerfFailsWhereTheOtherProgramDoes) {
  const ProcessResult result = Bench({"gate", "perf"}, {"--command-a", "/bin/false", "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(Text(CheckFiles(result, "g")), HasSubstr("| L5-PLAN | failed |"));
}

// A chain that breaks off on the way is a failure that CI can read, not the lack of a report.
TEST_F(CliGateTest, AGateThatBreaksOffFails) {
  Write("baseline-run.sh", "#!/bin/sh\nexit 1\n");
  std::filesystem::permissions(Path("baseline-run.sh"), std::filesystem::perms::owner_all);
  ASSERT_EQ(Bench({"baseline", "create"}, {"--runs", "10", "--out", Path("b")}).exit_code, 0);
  const ProcessResult result = Bench({"gate", "perf"}, {"--baseline-manifest", Path("b/manifest.json"), "--command-b",
                                                        Path("baseline-run.sh"), "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(Text(CheckFiles(result, "g")), HasSubstr("| run | failed |"));
}

TEST_F(CliGateTest, SloPassesWhatIsKeptAndFailsWhatIsNot) {
  ProcessResult result =
      Bench({"gate", "slo"}, {"--runs", "5", "--min-decode-tps", "0.001", "--max-ttft-ms", "1e9", "--max-load-ms",
                              "1e9", "--max-peak-rss-mib", "1e6", "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(CheckFiles(result, "g").AtPath("/output/title")->string(), "4 of 4 limits kept over 5 runs");
  result = Bench({"gate", "slo"},
                 {"--runs", "5", "--min-decode-tps", "1e12", "--min-prefill-tps", "0.001", "--out", Path("h")});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const JsonValue check_run = CheckFiles(result, "h");
  EXPECT_THAT(Text(check_run), HasSubstr("| min_decode_tps | failed | FAIL"));
  EXPECT_THAT(Text(check_run), HasSubstr("| min_prefill_tps | passed | PASS"));
}

TEST_F(CliGateTest, SloWithoutLimitsIsNeutralAndThePolicyMaySetThem) {
  ProcessResult result = Gate({"slo", "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  CheckFiles(result, "g");
  Write("policy.json", R"({"slo": {"max_peak_rss_mib": 1}, "compare": {"min_tokens": 8, "min_decode_ns": 1,
                                                                       "max_resolution_share": 0.1}})");
  result = Bench({"gate", "slo"}, {"--runs", "5", "--out", Path("h")});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(Text(CheckFiles(result, "h")), HasSubstr("| max_peak_rss_mib | failed |"));
}

TEST_F(CliGateTest, PolicyChecksPinsAndLicencesAndWritesAnSbom) {
  ProcessResult result = Gate({"policy", "--out", Path("g")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const JsonValue check_run = CheckFiles(result, "g");
  EXPECT_THAT(Text(check_run), HasSubstr("| pin.com_google_absl | passed |"));
  EXPECT_THAT(Text(check_run), HasSubstr("| licence.com_google_protobuf | passed | BSD-3-Clause by LICENSE |"));
  EXPECT_EQ(Json(Read("g/sbom.spdx.json")).Find("spdxVersion")->string(), "SPDX-2.3");
  result = Gate({"policy", "--allow-licence", "Apache-2.0", "--out", Path("h")});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(Text(CheckFiles(result, "h")), HasSubstr("| licence.com_google_protobuf | failed |"));
  result = Run({"gate", "policy", "--out", Path("i")});
  EXPECT_THAT(result.out, StartsWith("gate policy: success  "));
  EXPECT_THAT(result.out, HasSubstr("  passed   pin.com_google_absl"));
}

TEST_F(CliGateTest, WhatCannotBeMeantIsRefusedByName) {
  EXPECT_EQ(Run({"gate"}).exit_code, 2);
  EXPECT_EQ(Run({"gate", "weather"}).exit_code, 2);
  EXPECT_EQ(Run({"gate", "slo", "--min-decode-tps", "0"}).exit_code, 2);
  EXPECT_EQ(Run({"gate", "perf", "--out", Path("x"), "--", "--strict"}).exit_code, 2) << "options of both sides";
  EXPECT_EQ(Run({"gate", "perf", "--command-a", "x", "--baseline-manifest", "y", "--out", Path("g")}).exit_code, 2);
  EXPECT_EQ(Run({"baseline", "show", Path("none.json")}).exit_code, 2);
  EXPECT_EQ(Run({"baseline", "create", "--runs", "9"}).exit_code, 2);
}

// Runs that are too short make no baseline, and leave no manifest that says so.
TEST_F(CliGateTest, ABaselineOfRunsThatCouldNotBeComparedIsNotWritten) {
  Write("policy.json", "{}");
  const ProcessResult result = Bench({"baseline", "create"}, {"--runs", "10", "--out", Path("b")});
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_THAT(result.err, HasSubstr("L5-MIN"));
  EXPECT_FALSE(std::filesystem::exists(Path("b/manifest.json")));
}

}  // namespace
}  // namespace bitnet::xtask
