#include "xtask/gate_report.h"

#include <string>

#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;

GateRun SomeRun() {
  GateRun run;
  run.name = "perf";
  run.title = "a title";
  run.version = "0.1.0";
  run.commit = "abc";
  run.started = absl::FromUnixSeconds(1'800'000'000);
  run.completed = run.started + absl::Seconds(90);
  run.measured = true;
  run.Add("C0", GateOutcome::kPassed, "fine");
  run.Add("C1", GateOutcome::kFailed, "a \"reason\" | <of> this");
  run.Add("C2", GateOutcome::kSkipped, "nothing to look at");
  run.evidence = {{"r.json", "00ff"}};
  return run;
}

// What a child may print, and a command line may name.
GateRun Hostile() {
  GateRun run = SomeRun();
  run.checks.clear();
  run.title = "t\x1b[2J\xff\"}";
  run.Add("a&b", GateOutcome::kFailed, "x\x1b[2J\ny\xC0\xAF</testsuite>", "q\".json");
  return run;
}

TEST(GateReportTest, CheckRunHasConclusionOutputAndEvidence) {
  const JsonValue json = CheckRunJson(SomeRun());
  EXPECT_EQ(json.AtPath("/name")->string(), "bitnet/perf");
  EXPECT_EQ(json.AtPath("/status")->string(), "completed");
  EXPECT_EQ(json.AtPath("/conclusion")->string(), "failure");
  EXPECT_EQ(json.AtPath("/head_sha")->string(), "abc");
  EXPECT_EQ(json.AtPath("/started_at")->string(), "2027-01-15T08:00:00Z");
  EXPECT_EQ(json.AtPath("/completed_at")->string(), "2027-01-15T08:01:30Z");
  EXPECT_EQ(json.AtPath("/output/title")->string(), "a title");
  EXPECT_EQ(json.AtPath("/output/summary")->string(), "1 passed, 1 failed, 1 skipped");
  EXPECT_THAT(json.AtPath("/output/text")->string(), HasSubstr("| C1 | failed | a \"reason\" \\| \\<of\\> this |\n"));
  EXPECT_EQ(json.AtPath("/evidence/0/file")->string(), "r.json");
  EXPECT_EQ(json.AtPath("/evidence/0/sha256")->string(), "00ff");
  GateRun run = SomeRun();
  run.commit = "unknown";
  run.measured = false;
  run.checks.erase(run.checks.begin() + 1);
  EXPECT_EQ(CheckRunJson(run).Find("head_sha"), nullptr);
  EXPECT_EQ(CheckRunJson(run).Find("conclusion")->string(), "neutral");
  EXPECT_THAT(CheckRunJson(run).AtPath("/output/summary")->string(), HasSubstr("nothing was measured"));
}

TEST(GateReportTest, MarkdownKeepsWithinWhatHostsTake) {
  GateRun run = SomeRun();
  for (int i = 0; i < 2000; ++i) run.Add("more", GateOutcome::kPassed, std::string(100, 'x'));
  const std::string text = ChecksMarkdown(run);
  EXPECT_LT(text.size(), 65'535u);
  EXPECT_THAT(text, HasSubstr(" more checks, which junit.xml has.\n"));
  EXPECT_THAT(ChecksMarkdown(SomeRun()), Not(HasSubstr("more checks")));
}

TEST(GateReportTest, JunitHasATestCaseForEachCheck) {
  const std::string xml = JunitXml(SomeRun());
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"bitnet/perf\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" "
                             "time=\"90.000\" timestamp=\"2027-01-15T08:00:00\">"));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"bitnet.perf\" name=\"C0\"/>"));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"a &#34;reason&#34; | &#60;of&#62; this\"/>"));
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"nothing to look at\"/>"));
}

TEST(GateReportTest, SarifHasAResultForEachCheck) {
  GateRun run = SomeRun();
  run.Add("C1", GateOutcome::kFailed, "again", "pair-01-b.json");
  const JsonValue json = *ParseJsonText(SarifJson(run));
  EXPECT_EQ(json.AtPath("/version")->string(), "2.1.0");
  EXPECT_EQ(json.AtPath("/runs/0/tool/driver/name")->string(), "bitnet gate perf");
  EXPECT_EQ(json.AtPath("/runs/0/tool/driver/rules")->array().size(), 3u);
  ASSERT_EQ(json.AtPath("/runs/0/results")->array().size(), 4u);
  EXPECT_EQ(json.AtPath("/runs/0/results/0/kind")->string(), "pass");
  EXPECT_EQ(json.AtPath("/runs/0/results/0/level")->string(), "none");
  EXPECT_EQ(json.AtPath("/runs/0/results/1/kind")->string(), "fail");
  EXPECT_EQ(json.AtPath("/runs/0/results/1/level")->string(), "error");
  EXPECT_EQ(json.AtPath("/runs/0/results/2/kind")->string(), "notApplicable");
  EXPECT_EQ(json.AtPath("/runs/0/results/3/ruleIndex")->AsUint64(), 1u);
  EXPECT_EQ(json.AtPath("/runs/0/results/3/locations/0/physicalLocation/artifactLocation/uri")->string(),
            "pair-01-b.json");
  EXPECT_EQ(json.AtPath("/runs/0/results/0/locations"), nullptr);
  EXPECT_EQ(json.AtPath("/runs/0/artifacts/0/hashes/sha-256")->string(), "00ff");
}

TEST(GateReportTest, HostileTextBreaksNoForm) {
  const GateRun run = Hostile();
  const auto check_run = ParseJsonText(WritePrettyJson(CheckRunJson(run)));
  ASSERT_TRUE(check_run.ok()) << check_run.status();
  EXPECT_EQ(check_run->AtPath("/output/title")->string(), "t\x1b[2J\xEF\xBF\xBD\"}");
  const auto sarif = ParseJsonText(SarifJson(run));
  ASSERT_TRUE(sarif.ok()) << sarif.status();
  EXPECT_EQ(sarif->AtPath("/runs/0/results/0/message/text")->string(),
            "x\x1b[2J\ny\xEF\xBF\xBD\xEF\xBF\xBD</testsuite>");
  EXPECT_THAT(JunitXml(run), HasSubstr("name=\"a&#38;b\""));
  EXPECT_THAT(JunitXml(run),
              HasSubstr("message=\"x\xEF\xBF\xBD[2J&#10;y\xEF\xBF\xBD\xEF\xBF\xBD&#60;/testsuite&#62;\""));
  EXPECT_THAT(GateText(run), HasSubstr("  failed   a&b  x [2J y"));
  EXPECT_THAT(GateText(run), Not(HasSubstr("\x1b")));
}

TEST(GateReportTest, TextSaysTheConclusionFirst) {
  EXPECT_EQ(GateText(SomeRun()),
            "gate perf: failure  a title\n"
            "1 passed, 1 failed, 1 skipped\n"
            "  passed   C0  fine\n"
            "  failed   C1  a \"reason\" | <of> this\n"
            "  skipped  C2  nothing to look at\n");
}

}  // namespace
}  // namespace bitnet::xtask
