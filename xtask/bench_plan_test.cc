#include "xtask/bench_plan.h"

#include <set>
#include <string>
#include <vector>

#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

using testing::ElementsAre;

BenchPlan Plan() {
  BenchPlan plan;
  plan.a = {{"old"}, {}};
  plan.b = {{"nice", "new"}, {"-t", "2"}};
  plan.common = {"-m", "a model.gguf"};
  plan.seed = 7;
  return plan;
}

TEST(BenchPlanTest, TheOrderIsABBA) {
  std::string order;
  for (size_t pair = 1; pair <= 6; ++pair) order += FirstOfPair(pair) == BenchSide::kA ? "AB" : "BA";
  EXPECT_EQ(order, "ABBAABBAABBA");
  EXPECT_EQ(FirstOfPair(0), BenchSide::kA);
}

TEST(BenchPlanTest, PromptsAreTheSameWithinAPairAndNeverAgain) {
  const BenchPlan plan = Plan();
  std::set<uint64_t> seeds;
  for (size_t pair = 0; pair <= 60; ++pair) {
    EXPECT_TRUE(seeds.insert(PromptSeed(plan, pair)).second) << pair;
    EXPECT_EQ(PromptSeed(plan, pair) >> 53, 0u);
  }
  BenchPlan other = plan;
  other.seed = 8;
  EXPECT_FALSE(seeds.contains(PromptSeed(other, 0)));
}

TEST(BenchPlanTest, ArgumentsAreCommandCommonAndOwnOptions) {
  const BenchPlan plan = Plan();
  EXPECT_THAT(RunArguments(plan, 3, BenchSide::kB, "out/pair-03-b.json"),
              ElementsAre("nice", "new", "benchmark", "-m", "a model.gguf", "-t", "2", "--prompt-seed",
                          std::to_string(PromptSeed(plan, 3)), "--receipt", "out/pair-03-b.json", "-o", "json"));
  EXPECT_EQ(RunArguments(plan, 3, BenchSide::kA, "r")[1], "benchmark");
  BenchPlan strict = plan;
  strict.b.options = {"--strict", "-t", "2"};
  const std::vector<std::string> args = RunArguments(strict, 3, BenchSide::kB, "r");
  EXPECT_THAT(std::vector(args.begin(), args.begin() + 7),
              ElementsAre("nice", "new", "--strict", "benchmark", "-m", "a model.gguf", "-t"));
  EXPECT_EQ(ReceiptName(3, BenchSide::kB), "pair-03-b.json");
  EXPECT_EQ(ReceiptName(12, BenchSide::kA), "pair-12-a.json");
}

TEST(BenchPlanTest, JsonHasAllThatDecidesWhatIsRun) {
  EXPECT_EQ(CanonicalJson(PlanJson(Plan())),
            R"({"a":{"command":["old"],"options":[]},"b":{"command":["nice","new"],"options":["-t","2"]},)"
            R"("common":["-m","a model.gguf"],"looks":[10,20,30,40],"order":"ABBA","seed":7,"warm_up_pairs":1})");
}

}  // namespace
}  // namespace bitnet::xtask
