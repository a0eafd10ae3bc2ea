// The command line of `verify compare`: receipts on disk in, exit code and report out.

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/manifest.h"
#include "verify/compare/manifest_envelope.h"
#include "verify/compare/measured_run.h"
#include "verify/testing/honest_receipt.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Result {
  int exit_code = -1;
  std::string out;  // and stderr
};

Result RunCompare(std::string_view arguments) {
  const std::string command = absl::StrCat("verify/verify compare ", arguments, " 2>&1");
  std::FILE* pipe = popen(command.c_str(), "r");
  Result result;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) result.out.append(buffer, size);
  const int status = pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

class CompareCliTest : public testing::Test {
 protected:
  CompareCliTest() {
    // Dated long ago, so that the test does not depend on this machine's date.
    Write("policy.json", R"({"not_before": "2019-01-01T00:00:00Z"})");
  }

  std::string Path(std::string_view name) const { return absl::StrCat(folder_, "/", name); }
  void Write(std::string_view name, std::string_view text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
  }

  // Ten runs a-0.json .. a-9.json, the i-th `at` + 100 i seconds after midnight.
  void WriteSide(std::string_view side, int at, double speed, uint64_t threads = 8) const {
    for (int i = 0; i < 10; ++i) {
      HonestRun run;
      run.time_seed = static_cast<uint64_t>(at + i);
      run.speed = speed * (1 + 1e-4 * ((i * 7) % 10));
      run.threads = threads;
      receipt::Receipt receipt = HonestReceipt(run);
      const int second = at + 100 * i;
      receipt.set_timestamp(
          absl::StrFormat("2020-01-01T%02d:%02d:%02d.500Z", second / 3600, second / 60 % 60, second % 60));
      Write(absl::StrCat(side, "-", i, ".json"), WriteReceiptJson(receipt));
    }
  }

  Result Compare(std::string_view more) const {
    return RunCompare(absl::StrCat("--policy ", Path("policy.json"), " --baseline ", Path("a-"), "*.json --current ",
                                   Path("b-"), "*.json ", more));
  }

  const std::string folder_ = testing::TempDir();
};

TEST_F(CompareCliTest, EqualSidesPass) {
  WriteSide("a", 0, 1);
  WriteSide("b", 40, 1);
  const Result result = Compare("");
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("in pairs"));
  EXPECT_THAT(result.out, HasSubstr("PASS         decode_tokens_per_second"));
  EXPECT_THAT(result.out, HasSubstr("\nPASS\nNo metric is slower"));
}

TEST_F(CompareCliTest, ASlowSideFails) {
  WriteSide("a", 0, 1);
  WriteSide("b", 40, 0.9);
  const Result result = Compare("--json");
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_THAT(result.out, StartsWith("{\"baseline\":"));
  EXPECT_THAT(result.out, HasSubstr("\"exit_code\":1"));
  EXPECT_THAT(result.out, HasSubstr("\"notice\":\"regression\""));
}

TEST_F(CompareCliTest, SidesThatDidNotAlternateAreTwoSamples) {
  WriteSide("a", 0, 1);
  WriteSide("b", 5000, 1);
  const Result result = Compare("");
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("not interleaved"));
}

TEST_F(CompareCliTest, WhatIsNotComparableIsRefused) {
  WriteSide("a", 0, 1);
  WriteSide("b", 40, 1, /*threads=*/4);
  Result result = Compare("");
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.out, HasSubstr("L5-COMPARABLE-THREADS"));
  result = Compare("--vary threads");
  EXPECT_NE(result.exit_code, 3) << result.out;
}

TEST_F(CompareCliTest, AReceiptThatIsRefusedRefusesTheComparison) {
  WriteSide("a", 0, 1);
  WriteSide("b", 40, 1);
  Write("b-5.json", "{}");
  const Result result = Compare("");
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.out, HasSubstr("L5-AUDIT"));
  EXPECT_THAT(result.out, HasSubstr("b-5.json"));
}

TEST_F(CompareCliTest, ABaselineForItselfIsRefused) {
  WriteSide("a", 0, 1);
  const Result result = RunCompare(absl::StrCat("--policy ", Path("policy.json"), " --baseline ", Path("a-"),
                                                "*.json --current ", Path("a-"), "*.json"));
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.out, HasSubstr("L5-TWICE"));
}

TEST_F(CompareCliTest, AnAnchorHasItsOwnMargin) {
  WriteSide("a", 40000, 0.97);
  WriteSide("b", 40040, 0.96);
  WriteSide("c", 0, 1.03);
  const Result result = Compare(absl::StrCat("--anchor ", Path("c-"), "*.json"));
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_THAT(result.out, HasSubstr("margin 5 %"));
  EXPECT_THAT(result.out, HasSubstr("Both: FAIL"));
  EXPECT_EQ(Compare("").exit_code, 0) << "the last release alone would let it through";
}

// A manifest beside a-0.json .. a-9.json, made at midnight before them and good for a hundred years, with its key.
class CompareManifestTest : public CompareCliTest {
 protected:
  CompareManifestTest() {
    WriteSide("a", 0, 1);
    WriteSide("b", 40, 1);
    WriteManifestOf("a");
    Write("first.pub", attest::TestingKey().Public().Pem());
    Write("second.pub", attest::TestingKey("second").Public().Pem());
    Write("policy.json", R"({"not_before": "2019-01-01T00:00:00Z", "compare": {"max_baseline_days": 365}})");
  }

  void WriteManifestOf(std::string_view side) {
    std::vector<MeasuredRun> runs;
    for (int i = 0; i < 10; ++i) {
      const std::string name = absl::StrCat(side, "-", i, ".json");
      std::ifstream file(Path(name), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      runs.push_back(ReadMeasuredRun(name, text, {}, absl::Now()));
    }
    const auto manifest = MakeManifest(runs, absl::Now() - absl::Hours(1), absl::Hours(24));
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    Write("manifest.json", WriteManifest(*manifest));
    Write("signed.json", SignManifest(WriteManifest(*manifest), attest::TestingKey()));
  }

  Result Run(std::string_view more) const {
    return RunCompare(absl::StrCat("--policy ", Path("policy.json"), " --current ", Path("b-"), "*.json ", more));
  }
};

TEST_F(CompareManifestTest, ARecordedBaselineStandsForItsReceipts) {
  const Result result = Run(absl::StrCat("--baseline-manifest ", Path("manifest.json")));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("10 runs of the baseline, 10 current, in pairs"));
}

TEST_F(CompareManifestTest, ASignedOneNeedsTheRightKey) {
  const std::string base = absl::StrCat("--baseline-manifest ", Path("signed.json"));
  EXPECT_EQ(Run(absl::StrCat(base, " --key ", Path("first.pub"))).exit_code, 0);
  EXPECT_EQ(Run(absl::StrCat(base, " --key ", Path("second.pub"), " ", Path("first.pub"))).exit_code, 0);
  Result result = Run(absl::StrCat(base, " --key ", Path("second.pub")));
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.out, HasSubstr("L5-BASE"));
  result = Run(base);
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.out, HasSubstr("expected --key"));
  result = Run(absl::StrCat(base, " --key ", Path("a-0.json")));
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_THAT(result.out, HasSubstr("a-0.json: "));
  EXPECT_EQ(Run(absl::StrCat(base, " --key ", Path("none.pub"))).exit_code, 2);
}

TEST_F(CompareManifestTest, ARefusedManifestRefusesTheComparison) {
  WriteSide("a", 0, 0.5);
  const Result result = Run(absl::StrCat("--baseline-manifest ", Path("manifest.json")));
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.out, HasSubstr("the manifest says"));
}

TEST_F(CompareManifestTest, AnAnchorMayBeRecordedToo) {
  const std::string base = absl::StrCat("--baseline ", Path("a-"), "*.json ");
  Result result = Run(absl::StrCat(base, "--anchor-manifest ", Path("manifest.json")));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("With the anchor: 10 runs of the baseline, 10 current"));
  EXPECT_THAT(result.out, HasSubstr("Both: PASS"));
  result = Run(absl::StrCat(base, "--anchor-manifest ", Path("signed.json")));
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.out, HasSubstr("Both: REFUSED"));
  EXPECT_EQ(Run(absl::StrCat(base, "--anchor-manifest ", Path("none.json"))).exit_code, 2);
}

TEST_F(CompareManifestTest, ASideIsReceiptsOrAManifest) {
  const std::string receipts = absl::StrCat("--baseline ", Path("a-"), "*.json ");
  const std::string manifest = absl::StrCat("--baseline-manifest ", Path("manifest.json"), " ");
  const char* kNeeded = "exactly one of --baseline and --baseline-manifest is needed";
  Result result = Run("");
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_THAT(result.out, HasSubstr(kNeeded));
  result = Run(receipts + manifest);
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_THAT(result.out, HasSubstr(kNeeded));
  result = Run(absl::StrCat(receipts, "--anchor ", Path("a-"), "*.json --anchor-manifest ", Path("manifest.json")));
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_THAT(result.out, HasSubstr("exactly one of --anchor and --anchor-manifest is needed"));
}

TEST_F(CompareCliTest, StrictModeComesFromTheEnvironment) {
  WriteSide("a", 0, 1);
  WriteSide("b", 40, 1);
  const auto with = [&](const char* value) {
    setenv("BITNET_STRICT_MODE", value, 1);
    const Result result = Compare("");
    unsetenv("BITNET_STRICT_MODE");
    return result;
  };
  EXPECT_EQ(with("0").exit_code, 0);
  EXPECT_EQ(with("1").exit_code, 0);
  const Result wrong = with("yes");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.out, HasSubstr("BITNET_STRICT_MODE: expected 0 or 1, got \"yes\""));
}

TEST_F(CompareCliTest, UsageErrors) {
  WriteSide("a", 0, 1);
  WriteSide("b", 40, 1);
  EXPECT_EQ(RunCompare("").exit_code, 2);
  EXPECT_EQ(RunCompare("--help").exit_code, 0);
  EXPECT_THAT(RunCompare("--help").out, HasSubstr("INCONCLUSIVE"));
  EXPECT_EQ(Compare("--vary machine").exit_code, 2);
  EXPECT_THAT(Compare("--vary machine").out, HasSubstr("known: threads, schedule, density"));
  EXPECT_EQ(Compare("--anchor nothing.json").exit_code, 2);
  Write("policy.json", R"({"compare": {"margins": 1}})");
  EXPECT_EQ(Compare("").exit_code, 2);
  EXPECT_THAT(Compare("").out, HasSubstr("compare.margins"));
}

}  // namespace
}  // namespace bitnet::verify
