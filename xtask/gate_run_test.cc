#include "xtask/gate_run.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/gate_text.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;

constexpr GateOutcome kPassed = GateOutcome::kPassed, kFailed = GateOutcome::kFailed, kSkipped = GateOutcome::kSkipped;

GateRun RunOf(bool measured, std::initializer_list<GateOutcome> outcomes) {
  GateRun run;
  run.measured = measured;
  run.evidence = {{"r.json", "00ff"}};
  for (const GateOutcome outcome : outcomes) run.Add("C", outcome, "a reason");
  return run;
}

TEST(GateRunTest, SuccessNeedsAMeasurementAPassAndEvidenceAndNoFailure) {
  EXPECT_EQ(RunOf(true, {kPassed}).conclusion(), GateConclusion::kSuccess);
  EXPECT_EQ(RunOf(true, {kPassed, kSkipped}).conclusion(), GateConclusion::kSuccess);
  EXPECT_EQ(RunOf(true, {}).conclusion(), GateConclusion::kNeutral);
  EXPECT_EQ(RunOf(true, {kSkipped}).conclusion(), GateConclusion::kNeutral);
  EXPECT_EQ(RunOf(false, {kPassed}).conclusion(), GateConclusion::kNeutral);
  EXPECT_EQ(RunOf(true, {kPassed, kFailed}).conclusion(), GateConclusion::kFailure);
  EXPECT_EQ(RunOf(false, {kFailed}).conclusion(), GateConclusion::kFailure);
  GateRun without = RunOf(true, {kPassed});
  without.evidence.clear();
  EXPECT_EQ(without.conclusion(), GateConclusion::kNeutral) << "no evidence";
  EXPECT_EQ(GateRun().conclusion(), GateConclusion::kNeutral);
}

TEST(GateRunTest, NamesAndExitCodes) {
  EXPECT_EQ(ConclusionName(GateConclusion::kSuccess), "success");
  EXPECT_EQ(ConclusionName(GateConclusion::kFailure), "failure");
  EXPECT_EQ(ConclusionName(GateConclusion::kNeutral), "neutral");
  EXPECT_EQ(ConclusionExitCode(GateConclusion::kSuccess), 0);
  EXPECT_EQ(ConclusionExitCode(GateConclusion::kFailure), 1);
  EXPECT_EQ(ConclusionExitCode(GateConclusion::kNeutral), 3);
  EXPECT_EQ(OutcomeName(kPassed), "passed");
  EXPECT_EQ(OutcomeName(kFailed), "failed");
  EXPECT_EQ(OutcomeName(kSkipped), "skipped");
}

TEST(GateRunTest, EvidenceIsDigestedFromItsFileAndHasToStay) {
  const std::string folder = testing::TempDir() + "/evidence";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/e.txt") << "abc";
  GateRun run = RunOf(true, {kPassed});
  run.evidence.clear();
  AddEvidence(folder, "e.txt", run);
  ASSERT_EQ(run.evidence.size(), 1u);
  EXPECT_EQ(run.evidence[0].file, "e.txt");
  EXPECT_EQ(run.evidence[0].sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CheckEvidence(folder, run);
  EXPECT_EQ(run.conclusion(), GateConclusion::kSuccess);
  EXPECT_EQ(run.checks.size(), 1u) << "files that are there are no check that passed";

  GateRun changed = run;
  std::ofstream(folder + "/e.txt") << "abd";
  CheckEvidence(folder, changed);
  EXPECT_EQ(changed.conclusion(), GateConclusion::kFailure);
  EXPECT_THAT(changed.checks.back().message, HasSubstr("changed since it was judged"));
  EXPECT_EQ(changed.checks.back().file, "e.txt");

  std::filesystem::remove(folder + "/e.txt");
  CheckEvidence(folder, run);
  EXPECT_EQ(run.conclusion(), GateConclusion::kFailure);
  EXPECT_EQ(run.checks.back().id, "evidence");
}

TEST(GateRunTest, EvidenceThatCannotBeReadIsAFailure) {
  GateRun run = RunOf(true, {kPassed});
  AddEvidence(testing::TempDir(), "none.txt", run);
  EXPECT_EQ(run.conclusion(), GateConclusion::kFailure);
  EXPECT_THAT(run.checks.back().message, HasSubstr("cannot be read"));
  EXPECT_EQ(run.evidence.size(), 1u) << "there is no digest of what could not be read";
}

constexpr char kBad[] = "\xEF\xBF\xBD";

TEST(GateTextTest, WhatIsNoUtf8IsReplacedByteByByte) {
  const std::string good = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF";
  EXPECT_EQ(Utf8Text(good), good);
  const std::string bad = kBad;
  EXPECT_EQ(Utf8Text("\xFF"), bad);
  EXPECT_EQ(Utf8Text("\x80x"), bad + "x");
  EXPECT_EQ(Utf8Text("\xC3"), bad) << "cut off";
  EXPECT_EQ(Utf8Text("\xC0\xAF"), bad + bad) << "overlong";
  EXPECT_EQ(Utf8Text("\xE0\x9F\xBF"), bad + bad + bad) << "overlong";
  EXPECT_EQ(Utf8Text("\xF0\x8F\xBF\xBF"), bad + bad + bad + bad) << "overlong";
  EXPECT_EQ(Utf8Text("\xED\xA0\x80"), bad + bad + bad) << "half of a surrogate pair";
  EXPECT_EQ(Utf8Text("\xF4\x90\x80\x80"), bad + bad + bad + bad) << "beyond U+10FFFF";
  EXPECT_EQ(Utf8Text("\xE2\x82x"), bad + bad + "x");
}

TEST(GateTextTest, XmlTextIsTextWhateverItWas) {
  EXPECT_EQ(XmlText("a&b<c>\"d'"), "a&#38;b&#60;c&#62;&#34;d&#39;");
  EXPECT_EQ(XmlText("a\tb\nc\r"), "a&#9;b&#10;c&#13;");
  EXPECT_EQ(XmlText("x\x1b[2J"), std::string("x") + kBad + "[2J");
  EXPECT_EQ(XmlText(std::string_view("\0", 1)), kBad);
  EXPECT_EQ(XmlText("\xEF\xBF\xBE"), kBad) << "U+FFFE";
  EXPECT_EQ(XmlText("\xFE"), kBad);
  EXPECT_EQ(XmlText("]]>"), "]]&#62;");
}

TEST(GateTextTest, AMarkdownCellIsOneLineWithoutMarkup) {
  EXPECT_EQ(MarkdownCell("decode_tokens_per_second 1.0 [0.9, 1.1]"), "decode_tokens_per_second 1.0 \\[0.9, 1.1\\]");
  EXPECT_EQ(MarkdownCell("a\\|b\n| c"), "a\\\\\\|b \\| c");
  EXPECT_EQ(MarkdownCell("<img src=x>`"), "\\<img src=x\\>\\`");
  EXPECT_EQ(TerminalLine("a\x1b[2J\nb\x7f"), "a [2J b ");
  EXPECT_EQ(TerminalLine("\xC2\x9B"), " ") << "a control character of eight bits";
}

}  // namespace
}  // namespace bitnet::xtask
