#include "xtask/benchmark_result.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(LowerMedianTest, IsTheIndexOfASampleThatWasTaken) {
  EXPECT_EQ(LowerMedian({7}), 0u);
  EXPECT_EQ(LowerMedian({30, 10, 20}), 2u);
  EXPECT_EQ(LowerMedian({40, 10, 30, 20}), 3u) << "of two in the middle the lower";
  EXPECT_EQ(LowerMedian({5, 5, 5, 5}), 1u);
}

TEST(SummariseTest, OrderStatistics) {
  const PhaseStatistics four = Summarise({40, 10, 30, 20});
  EXPECT_EQ(four.median_ns, 25);
  EXPECT_EQ(four.mean_ns, 25);
  EXPECT_EQ(four.min_ns, 10);
  EXPECT_EQ(four.max_ns, 40);
  EXPECT_NEAR(four.stddev_ns, 12.909944, 1e-6);
  EXPECT_EQ(Summarise({7}).stddev_ns, 0);
  EXPECT_EQ(Summarise({}).median_ns, 0);
}

TEST(MarkdownTest, APeakIsNoShareOfACacheThatNobodyMeasured) {
  BenchmarkResult result;
  result.model_size = 1'000'000'000;
  result.peak_rss_bytes = 1'500'000'000;
  result.phases = {{.test = "pp1", .n_prompt = 1, .timed_tokens = 1, .samples_ns = {1000}}};
  std::string text = FormatBenchmark(result, BenchmarkFormat::kMarkdown);
  EXPECT_THAT(text, HasSubstr("\npeak RSS 1.500 GB\n"));
  EXPECT_THAT(text, Not(HasSubstr("of file and filled KV cache")));
  result.memory = {{"kv_cache", 900'000'000, 250'000'000}};
  text = FormatBenchmark(result, BenchmarkFormat::kMarkdown);
  EXPECT_THAT(text, HasSubstr("\npeak RSS 1.500 GB, 1.20 of file and filled KV cache\n"));
}

}  // namespace
}  // namespace bitnet::xtask
