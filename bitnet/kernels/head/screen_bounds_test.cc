#include "bitnet/kernels/head/screen_bounds.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(ScreenBoundsTest, KthLargest) {
  std::mt19937 rng(1);
  std::vector<float> best;
  for (size_t size : {1, 2, 15, 16, 17, 100, 1000}) {
    std::vector<float> values(size);
    for (float& value : values) value = static_cast<float>(static_cast<int>(rng() % 50)) - 25;
    std::vector<float> sorted = values;
    std::sort(sorted.rbegin(), sorted.rend());
    for (size_t keep : {size_t{1}, size_t{2}, size / 2, size}) {
      if (keep == 0 || keep > size) continue;
      EXPECT_EQ(KthLargest(values, static_cast<int64_t>(keep), best), sorted[keep - 1]) << size << " " << keep;
    }
  }
}

TEST(ScreenBoundsTest, AtMostLessRoundsDown) {
  EXPECT_EQ(AtMostLess(3, 0), 3);
  EXPECT_EQ(AtMostLess(3, 1), 2);
  EXPECT_EQ(AtMostLess(1, 1e-12), std::nextafter(1.0f, 0.0f));
  EXPECT_EQ(AtMostLess(-1, 1e-12), std::nextafter(-1.0f, -2.0f));
  EXPECT_EQ(AtMostLess(1, 1e-30), 1);
  EXPECT_EQ(AtMostLess(1, 1e300), -kInfinity);
  EXPECT_EQ(AtMostLess(-kInfinity, 1), -kInfinity);
}

TEST(ScreenBoundsTest, CollectsInOrderUpToTheLimit) {
  std::vector<float> values(100, 0.0f);
  for (size_t i : {3, 16, 17, 50, 99}) values[i] = 1;
  std::vector<int32_t> indices;
  EXPECT_TRUE(CollectAtLeast(values, 1, 5, indices));
  EXPECT_EQ(indices, (std::vector<int32_t>{3, 16, 17, 50, 99}));
  EXPECT_FALSE(CollectAtLeast(values, 1, 4, indices));
  EXPECT_FALSE(CollectAtLeast(values, 0, 99, indices));
  EXPECT_TRUE(CollectAtLeast(values, 2, 1, indices));
  EXPECT_TRUE(indices.empty());
}

}  // namespace
}  // namespace bitnet
