#include "verify/mutation/results.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace bitnet::mutation {
namespace {

Mutant MutantOf(uint64_t id, MutantClass mutant_class = MutantClass::kOther) {
  return {id, static_cast<int>(id), "< becomes <=", "if (a < b) {", mutant_class};
}

TEST(ResultsTest, EquivalentsAreFourParts) {
  const auto equivalents = ParseEquivalents("# words\n\nverify/x.cc | if (a < b) { | < becomes <= | a is never b\n");
  ASSERT_TRUE(equivalents.ok());
  ASSERT_EQ(equivalents->size(), 1);
  EXPECT_EQ(equivalents->front().reason, "a is never b");
  EXPECT_FALSE(ParseEquivalents("verify/x.cc | if (a < b) { | < becomes <=\n").ok());
}

TEST(ResultsTest, OnlySurvivorsCanBeEquivalentAndIdleEntriesAreNamed) {
  const MutatedFile file{"verify/x.cc", "d1", {MutantOf(1), MutantOf(2)}};
  std::vector<Judged> judged = {{&file, &file.mutants[0], {Fate::kKilled, "t"}}};
  const std::vector<Equivalent> list = {{"verify/x.cc", "if (a < b) {", "< becomes <=", "why"}};
  EXPECT_EQ(ApplyEquivalents(list, judged).size(), 1);
  EXPECT_EQ(judged[0].outcome.fate, Fate::kKilled);
  judged.push_back({&file, &file.mutants[1], {Fate::kUnreached, ""}});
  EXPECT_TRUE(ApplyEquivalents(list, judged).empty());
  EXPECT_EQ(judged[1].outcome.fate, Fate::kEquivalent);
  EXPECT_EQ(TallyOf(judged).mutants, 1);
  EXPECT_EQ(TallyOf(judged).equivalent, 1);
}

TEST(ResultsTest, SurvivorsAndTheUnreachedCountAsNotKilled) {
  const MutatedFile file{
      "verify/x.cc", "d1", {MutantOf(1, MutantClass::kThreshold), MutantOf(2), MutantOf(3), MutantOf(4)}};
  const std::vector<Judged> judged = {{&file, &file.mutants[0], {Fate::kKilled, "t"}},
                                      {&file, &file.mutants[1], {Fate::kSurvived, ""}},
                                      {&file, &file.mutants[2], {Fate::kUnreached, ""}},
                                      {&file, &file.mutants[3], {Fate::kNotApplicable, ""}}};
  EXPECT_EQ(TallyOf(judged).mutants, 3);
  EXPECT_EQ(TallyOf(judged).killed, 1);
  const std::string text = TextSummary(judged, 2);
  EXPECT_TRUE(absl::StrContains(text, "verify/x.cc:2: < becomes <= [other]")) << text;
  EXPECT_TRUE(absl::StrContains(text, "2 places left out")) << text;
  EXPECT_FALSE(absl::StrContains(text, "verify/x.cc:4")) << text;
}

TEST(ResultsTest, ACutRunGoesOnAndOtherSourcesBeginAnew) {
  const std::filesystem::path path = testing::TempDir() + "/results.tsv";
  std::filesystem::remove(path);
  const std::vector<MutatedFile> files = {{"verify/x.cc", "d1", {MutantOf(1), MutantOf(2)}}};
  {
    auto results = ResultsFile::Open(path, files, true);
    ASSERT_TRUE(results->Add(files[0], 1, {Fate::kKilled, "t exit 1"}).ok());
    ASSERT_TRUE(results->Add(files[0], 2, {Fate::kSurvived, ""}).ok());
  }
  EXPECT_EQ(ResultsFile::Open(path, files, true)->Find(1).by, "t exit 1");
  EXPECT_EQ(ResultsFile::Open(path, files, true)->Find(2).fate, Fate::kSurvived);
  EXPECT_EQ(ResultsFile::Open(path, files, false)->Find(1).fate, Fate::kKilled);
  EXPECT_EQ(ResultsFile::Open(path, files, false)->Find(2).fate, Fate::kPending);
  const std::vector<MutatedFile> others = {{"verify/x.cc", "d2", {MutantOf(1)}}};
  EXPECT_EQ(ResultsFile::Open(path, others, true)->Find(1).fate, Fate::kPending);
}

}  // namespace
}  // namespace bitnet::mutation
