#include "bitnet/sampling/sampling_params.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(SamplingParams, AcceptsTheEndsOfEveryRange) {
  for (const SamplingParams& params : {
           SamplingParams{},
           SamplingParams{.temperature = 100, .top_k = 1 << 30, .top_p = 1e-30f, .min_p = 1},
           SamplingParams{.repetition_penalty = 0.01f, .repetition_window = -1, .seed = ~uint64_t{0}},
           SamplingParams{.repetition_penalty = 10, .repetition_window = 0},
       }) {
    EXPECT_TRUE(params.Validate().ok()) << params.Validate();
  }
}

TEST(SamplingParams, NamesTheFieldAndTheValue) {
  struct Case {
    SamplingParams params;
    std::string message;
  };
  for (const Case& c : {
           Case{{.temperature = -1}, "sampling: temperature must be a number >= 0 (0 is greedy), got -1"},
           Case{{.temperature = kNan}, "sampling: temperature must be a number >= 0 (0 is greedy), got nan"},
           Case{{.temperature = kInf}, "sampling: temperature must be a number >= 0 (0 is greedy), got inf"},
           Case{{.top_k = -2}, "sampling: top-k must be >= 0 (0 is off), got -2"},
           Case{{.top_p = 0}, "sampling: top-p must be in (0, 1] (1 is off), got 0"},
           Case{{.top_p = 1.5f}, "sampling: top-p must be in (0, 1] (1 is off), got 1.5"},
           Case{{.top_p = kNan}, "sampling: top-p must be in (0, 1] (1 is off), got nan"},
           Case{{.min_p = -0.5f}, "sampling: min-p must be in [0, 1] (0 is off), got -0.5"},
           Case{{.min_p = 2}, "sampling: min-p must be in [0, 1] (0 is off), got 2"},
           Case{{.repetition_penalty = 0}, "sampling: repetition penalty must be a number > 0 (1 is off), got 0"},
           Case{{.repetition_penalty = kInf}, "sampling: repetition penalty must be a number > 0 (1 is off), got inf"},
           Case{{.repetition_window = -2},
                "sampling: repetition window must be >= -1 (0 is no token, -1 is all), got -2"},
       }) {
    const absl::Status status = c.params.Validate();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), c.message);
  }
}

TEST(SamplingParams, IsArgmaxOnlyWithoutAPenalty) {
  EXPECT_TRUE(SamplingParams{}.IsArgmax());
  EXPECT_TRUE((SamplingParams{.repetition_penalty = 2, .repetition_window = 0}).IsArgmax());
  EXPECT_FALSE((SamplingParams{.repetition_penalty = 2}).IsArgmax());
  EXPECT_FALSE((SamplingParams{.temperature = 1}).IsArgmax());
}

}  // namespace
}  // namespace bitnet
