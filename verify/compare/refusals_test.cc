#include "verify/compare/refusals.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/testing_runs.h"

namespace bitnet::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Ids(const std::vector<Refusal>& refusals) {
  std::vector<std::string> ids;
  for (const Refusal& refusal : refusals) ids.emplace_back(RefusalId(refusal.reason));
  return ids;
}

std::vector<Refusal> FindIn(const TestSides& sides, const ComparePolicy& policy = {}, bool paired = true) {
  return FindRefusals({sides.baseline, sides.current, paired}, policy);
}

TEST(RefusalsTest, ComparableRunsAreNotRefused) {
  EXPECT_THAT(Ids(FindIn(TestPairs(2))), IsEmpty());
  EXPECT_THAT(Ids(FindIn(TestPairs(60))), IsEmpty());
}

// One fault in one run of an otherwise good comparison, on either side: that refusal, no other, naming the run.
struct Fault {
  const char* id;
  std::function<void(MeasuredRun&)> make;
};

const Fault kFaults[] = {
    {"L5-AUDIT", [](MeasuredRun& run) { run.audit = Verdict::kReject; }},
    {"L5-AUDIT", [](MeasuredRun& run) { run.audit = Verdict::kUnverifiable; }},
    {"L5-AUDIT", [](MeasuredRun& run) { run.audit = Verdict::kMalformed; }},
    {"L5-COVER", [](MeasuredRun& run) { run.peak_rss_bytes.reset(); }},
    {"L5-VACUOUS", [](MeasuredRun& run) { run.measured = false; }},
    {"L5-VACUOUS", [](MeasuredRun& run) { run.prompt_tokens = 0; }},
    {"L5-MIN", [](MeasuredRun& run) { run.generated_tokens = 63; }},
    {"L5-MIN", [](MeasuredRun& run) { run.decode_ns = 1'999'999'999; }},
    {"L5-RESOLUTION", [](MeasuredRun& run) { run.resolution_ns.reset(); }},
    {"L5-RESOLUTION", [](MeasuredRun& run) { run.resolution_ns = 2'000'000; }},
    {"L5-COMPARABLE-MODEL", [](MeasuredRun& run) { run.ternary_digest = "other"; }},
    {"L5-COMPARABLE-WORKLOAD", [](MeasuredRun& run) { run.workload = "other"; }},
    {"L5-COMPARABLE-WORKLOAD", [](MeasuredRun& run) { run.plan_digest = "other"; }},
    {"L5-COMPARABLE-WORKLOAD", [](MeasuredRun& run) { run.prompt_digest = "other"; }},
    {"L5-COMPARABLE-SCHEDULE", [](MeasuredRun& run) { run.schedule = "other"; }},
    {"L5-COMPARABLE-PROFILE", [](MeasuredRun& run) { run.profile = "other"; }},
    {"L5-COMPARABLE-THREADS", [](MeasuredRun& run) { run.threads = 3; }},
    {"L5-COMPARABLE-THREADS", [](MeasuredRun& run) { run.threads.reset(); }},
    {"L5-COMPARABLE-MACHINE", [](MeasuredRun& run) { run.machine_facts = "other"; }},
    {"L5-COMPARABLE-GOVERNOR", [](MeasuredRun& run) { run.governor = "powersave"; }},
    {"L5-COMPARABLE-DENSITY", [](MeasuredRun& run) { run.density = ""; }},
    {"L5-OUTPUT", [](MeasuredRun& run) { run.output_digest = "other"; }},
};

TEST(RefusalsTest, EveryFaultHasItsOwnRefusalOnEitherSide) {
  for (const Fault& fault : kFaults) {
    for (const bool in_baseline : {true, false}) {
      TestSides sides = TestPairs(10);
      MeasuredRun& run = (in_baseline ? sides.baseline : sides.current)[3];
      fault.make(run);
      const std::vector<Refusal> refusals = FindIn(sides);
      EXPECT_THAT(Ids(refusals), ElementsAre(fault.id)) << in_baseline;
      // The first run of a side that differs may be the good one: then its partner is named too.
      ASSERT_FALSE(refusals.empty());
      EXPECT_THAT(refusals[0].detail, testing::AnyOf(HasSubstr(run.source), HasSubstr(sides.current[3].source)))
          << fault.id;
    }
  }
}

TEST(RefusalsTest, FaultsThatComeTogetherAreAllNamed) {
  TestSides sides = TestPairs(10);
  sides.current[0].decode_ns = 0;
  EXPECT_THAT(Ids(FindIn(sides)), ElementsAre("L5-VACUOUS", "L5-MIN", "L5-RESOLUTION"));
  sides = TestPairs(10);
  sides.baseline[2].prefill_ns.reset();
  EXPECT_THAT(Ids(FindIn(sides)), ElementsAre("L5-COVER", "L5-VACUOUS", "L5-RESOLUTION"));
  sides = TestPairs(10);
  sides.baseline[2].generated_tokens = 1;
  EXPECT_THAT(Ids(FindIn(sides)), ElementsAre("L5-VACUOUS", "L5-MIN"));
}

TEST(RefusalsTest, LimitsThemselvesAreWithin) {
  TestSides sides = TestPairs(10);
  sides.current[0].generated_tokens = 64;
  sides.current[0].decode_ns = 2'000'000'000;
  sides.current[0].resolution_ns = sides.current[0].prefill_ns.value() / 1000;
  EXPECT_THAT(Ids(FindIn(sides)), IsEmpty());
}

TEST(RefusalsTest, CountsOfRuns) {
  EXPECT_THAT(Ids(FindIn(TestPairs(1))), ElementsAre("L5-FEW"));
  EXPECT_THAT(Ids(FindIn(TestPairs(0))), ElementsAre("L5-FEW"));
  EXPECT_THAT(Ids(FindIn(TestPairs(61))), ElementsAre("L5-MANY"));
  TestSides sides = TestPairs(2);
  sides.current.pop_back();
  EXPECT_THAT(Ids(FindIn(sides, {}, false)), ElementsAre("L5-FEW"));
  EXPECT_THAT(Ids(FindRefusals({sides.baseline, sides.current, true}, {}, /*counts=*/false)), IsEmpty());
}

// The receipt that stands as baseline for itself, and one run that is to count as two.
TEST(RefusalsTest, AReceiptCountsOnce) {
  TestSides sides = TestPairs(5);
  sides.current = sides.baseline;
  EXPECT_THAT(Ids(FindIn(sides)), ElementsAre("L5-TWICE"));
  sides = TestPairs(5);
  sides.current[4].receipt_sha256 = sides.current[1].receipt_sha256;
  const std::vector<Refusal> refusals = FindIn(sides);
  EXPECT_THAT(Ids(refusals), ElementsAre("L5-TWICE"));
  EXPECT_THAT(refusals[0].detail, HasSubstr(sides.current[4].source));
  EXPECT_THAT(refusals[0].detail, HasSubstr(sides.current[1].source));
}

TEST(RefusalsTest, WhatTheComparisonIsAboutMayDifferBetweenTheSidesOnly) {
  struct Row {
    VaryingFact fact;
    const char* id;
    std::function<void(MeasuredRun&)> make;
  };
  const Row rows[] = {
      {VaryingFact::kThreads, "L5-COMPARABLE-THREADS", [](MeasuredRun& run) { run.threads = 3; }},
      {VaryingFact::kSchedule, "L5-COMPARABLE-SCHEDULE", [](MeasuredRun& run) { run.schedule = "other"; }},
      {VaryingFact::kDensity, "L5-COMPARABLE-DENSITY", [](MeasuredRun& run) { run.density = "off"; }},
  };
  for (const Row& row : rows) {
    ComparePolicy policy;
    policy.may_differ = {row.fact};
    TestSides sides = TestPairs(5);
    for (MeasuredRun& run : sides.current) row.make(run);
    EXPECT_THAT(Ids(FindIn(sides)), ElementsAre(row.id));
    EXPECT_THAT(Ids(FindIn(sides, policy)), IsEmpty());
    sides = TestPairs(5);
    row.make(sides.current[2]);
    EXPECT_THAT(Ids(FindIn(sides, policy)), ElementsAre(row.id)) << "one side is not of one kind";
  }
}

TEST(RefusalsTest, UnpairedRunsMayHavePromptsOfTheirOwn) {
  TestSides sides = TestPairs(5);
  for (MeasuredRun& run : sides.current) {
    run.prompt_digest += " x";
    run.output_digest += " x";
  }
  EXPECT_THAT(Ids(FindIn(sides, {}, /*paired=*/false)), IsEmpty());
  EXPECT_THAT(Ids(FindIn(sides)), ElementsAre("L5-COMPARABLE-WORKLOAD"));
}

TEST(RefusalsTest, TextOfReceiptsCannotMoveACursor) {
  TestSides sides = TestPairs(5);
  sides.current[1].governor = "x\x1b[2J\n";
  const std::vector<Refusal> refusals = FindIn(sides);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_THAT(refusals[0].detail, HasSubstr("x\\x1b[2J\\x0a"));
}

TEST(RefusalsTest, IdsAndNeedsAreThereAndDistinct) {
  std::set<std::string_view> ids, needs;
  for (const RefusalReason reason : AllRefusalReasons()) {
    EXPECT_TRUE(absl::StartsWith(RefusalId(reason), "L5-"));
    EXPECT_TRUE(ids.insert(RefusalId(reason)).second);
    EXPECT_TRUE(needs.insert(RefusalNeed(reason)).second);
  }
  EXPECT_EQ(ids.size(), 20u);
}

TEST(SortInterleavedTest, RunsThatAlternateArePairsInWhateverOrderTheyAreGiven) {
  TestSides sides = TestPairs(6);
  std::swap(sides.baseline[0], sides.baseline[5]);
  std::swap(sides.current[1], sides.current[2]);
  EXPECT_TRUE(SortInterleaved(sides.baseline, sides.current));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(sides.baseline[i].prompt_digest, sides.current[i].prompt_digest);
}

TEST(SortInterleavedTest, OtherRunsAreNot) {
  TestSides sides = TestPairs(6);
  for (MeasuredRun& run : sides.current) *run.timestamp += absl::Hours(1);
  EXPECT_FALSE(SortInterleaved(sides.baseline, sides.current)) << "one side after the other";
  sides = TestPairs(6);
  sides.current.pop_back();
  EXPECT_FALSE(SortInterleaved(sides.baseline, sides.current)) << "not as many";
  sides = TestPairs(6);
  sides.current[2].timestamp.reset();
  EXPECT_FALSE(SortInterleaved(sides.baseline, sides.current)) << "no time";
  sides = TestPairs(6);
  *sides.baseline[2].timestamp += absl::Seconds(25);
  EXPECT_FALSE(SortInterleaved(sides.baseline, sides.current)) << "into the next pair";
}

}  // namespace
}  // namespace bitnet::verify
