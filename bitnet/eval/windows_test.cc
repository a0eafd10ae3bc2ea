// Windows: over every small text, context and stride each token is scored once, with the context that was promised.

#include "bitnet/eval/windows.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

std::vector<Window> Plan(size_t tokens, const WindowOptions& options) {
  const auto windows = PlanWindows(tokens, options);
  EXPECT_TRUE(windows.ok()) << windows.status();
  return windows.ok() ? *windows : std::vector<Window>();
}

TEST(Sliding, EveryTokenIsScoredOnceWithEnoughContext) {
  for (const bool bos : {false, true}) {
    for (size_t tokens = bos ? 1 : 2; tokens <= 24; ++tokens) {
      for (size_t context = 1; context <= 10; ++context) {
        for (size_t stride = 1; stride <= context; ++stride) {
          const std::vector<Window> windows = Plan(tokens, {.context = context, .stride = stride, .bos = bos});
          std::vector<int> scored(tokens, 0);
          for (const Window& window : windows) {
            ASSERT_LE(window.rows(), context);
            ASSERT_LE(window.end, tokens);
            ASSERT_LT(window.first_scored, window.rows()) << "a window that scores nothing";
            for (size_t row = window.first_scored; row < window.rows(); ++row) {
              ASSERT_LT(window.Target(row), tokens);
              ++scored[window.Target(row)];
              // The row sees all tokens from the window's begin up to its target: row + 1 of them, bos included.
              ASSERT_EQ(row + 1, window.Target(row) - window.begin + (bos ? 1 : 0));
              if (&window != &windows.front()) {
                ASSERT_GE(row + 1, context - stride);
              }
            }
          }
          for (size_t i = 0; i < tokens; ++i) {
            ASSERT_EQ(scored[i], i > 0 || bos ? 1 : 0) << i << " of " << tokens << ", " << context << ", " << stride;
          }
        }
      }
    }
  }
}

TEST(Sliding, AStrideOfTheContextMakesDisjointWindows) {
  const std::vector<Window> windows = Plan(10, {.context = 4, .stride = 4, .bos = true});
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[0].begin, 0u);
  EXPECT_EQ(windows[1].begin, 4u);
  EXPECT_EQ(windows[1].rows(), 4u);
  EXPECT_EQ(windows[1].scored(), 4u);
  EXPECT_EQ(windows[1].Target(0), 4u) << "bos predicts the first";
  EXPECT_EQ(windows[2].rows(), 2u);
}

// By hand: chunks of 8 tokens with bos first; tokens 5, 6, 7 of each chunk are scored (rows 4, 5, 6).
TEST(LlamaCpp, ScoresTheSecondHalfOfWholeChunks) {
  const std::vector<Window> with = Plan(19, {.method = WindowMethod::kLlamaCpp, .context = 8, .bos = true});
  ASSERT_EQ(with.size(), 2u) << "bos and 19 tokens are two chunks of 8 and a rest";
  // Chunk 0 is bos, t0 .. t6; chunk 1 is bos for t7, t8 .. t14.
  EXPECT_EQ(with[0].begin, 0u);
  EXPECT_EQ(with[0].rows(), 7u);
  EXPECT_EQ(with[0].scored(), 3u);
  EXPECT_EQ(with[0].Target(4), 4u);
  EXPECT_EQ(with[0].Target(6), 6u);
  EXPECT_EQ(with[1].begin, 8u);
  EXPECT_EQ(with[1].Target(4), 12u);
  EXPECT_EQ(with[1].Target(6), 14u);
  const std::vector<Window> without = Plan(16, {.method = WindowMethod::kLlamaCpp, .context = 8});
  ASSERT_EQ(without.size(), 2u);
  // Chunk 1 is t8 .. t15: row 4 is t12 and predicts t13.
  EXPECT_EQ(without[1].begin, 8u);
  EXPECT_EQ(without[1].rows(), 7u);
  EXPECT_EQ(without[1].Target(4), 13u);
  EXPECT_EQ(without[1].Target(6), 15u);
}

TEST(Windows, NothingToScoreIsAnError) {
  const auto error = [](size_t tokens, const WindowOptions& options) {
    return std::string(PlanWindows(tokens, options).status().message());
  };
  EXPECT_THAT(error(0, {.context = 4, .stride = 2, .bos = true}), HasSubstr("at least 1 tokens, got 0"));
  EXPECT_THAT(error(1, {.context = 4, .stride = 2}), HasSubstr("at least 2 tokens, got 1"));
  EXPECT_THAT(error(9, {.context = 4, .stride = 0}), HasSubstr("stride: expected 1..4"));
  EXPECT_THAT(error(9, {.context = 4, .stride = 5}), HasSubstr("got 5"));
  EXPECT_THAT(error(9, {.context = 0, .stride = 0}), HasSubstr("context: expected at least 1 positions, got 0"));
  EXPECT_THAT(error(6, {.method = WindowMethod::kLlamaCpp, .context = 8, .bos = true}),
              HasSubstr("at least 7 tokens, got 6"));
  EXPECT_THAT(error(7, {.method = WindowMethod::kLlamaCpp, .context = 8}), HasSubstr("at least 8 tokens, got 7"));
  EXPECT_THAT(error(9, {.method = WindowMethod::kLlamaCpp, .context = 2}), HasSubstr("at least 3 positions, got 2"));
}

}  // namespace
}  // namespace bitnet
