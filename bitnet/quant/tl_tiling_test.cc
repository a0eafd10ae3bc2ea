#include "bitnet/quant/tl_tiling.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

TEST(CheckTl1TilingTest, SaysWhatDoesNotDivide) {
  EXPECT_TRUE(CheckTl1Tiling({2560, 6912, 160, 64, 32}).ok());
  EXPECT_TRUE(CheckTl1Tiling({64, 12, 64, 12, 64}).ok());
  struct Case {
    TlTiling tiling;
    const char* message;
  };
  for (const Case& c :
       {Case{{0, 64, 32, 32, 32}, "rows: expected 1 to 2147483647, got 0"},
        Case{{64, -1, 32, 32, 32}, "cols: expected 1 to 2147483647, got -1"},
        Case{{64, 64, 0, 32, 32}, "bm: expected 1 to"}, Case{{64, 64, 32, -8, 32}, "bk: expected 1 to"},
        Case{{64, 64, 32, 32, 0}, "bmm: expected 1 to"}, Case{{64, 64, 32, 32, 16}, "bmm: expected 32 or 64, got 16"},
        Case{{96, 64, 96, 32, 64}, "bm: expected a multiple of bmm 64, got 96"},
        Case{{96, 64, 64, 32, 32}, "rows: expected a multiple of bm 64, got 96"},
        Case{{64, 64, 32, 12, 32}, "bk: expected a multiple of 256 / bmm = 8, got 12"},
        Case{{64, 64, 32, 24, 32}, "cols: expected a multiple of bk 24, got 64"}}) {
    const absl::Status status = CheckTl1Tiling(c.tiling);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr(c.message));
    EXPECT_THAT(status.message(), HasSubstr("TL1 tiling " + TilingText(c.tiling)));
  }
}

TEST(CheckTl2TilingTest, SaysWhatDoesNotDivide) {
  EXPECT_TRUE(CheckTl2Tiling({2560, 2560, 160, 96, 32}).ok());
  EXPECT_TRUE(CheckTl2Tiling({32, 544, 32, 288, 32}).ok());  // 256 columns of pairs, the most
  struct Case {
    TlTiling tiling;
    const char* message;
  };
  for (const Case& c : {Case{{64, int64_t{1} << 31, 32, 96, 32}, "cols: expected 1 to"},
                        Case{{4096, 1536, 256, 96, 64}, "bmm: expected 32, got 64"},
                        Case{{96, 288, 48, 96, 32}, "bm: expected a multiple of bmm 32, got 48"},
                        Case{{96, 288, 64, 96, 32}, "rows: expected a multiple of bm 64, got 96"},
                        Case{{64, 288, 32, 36, 32}, "bk: expected a multiple of 24, got 36"},
                        Case{{64, 192, 32, 96, 32}, "cols: expected at least 256, got 192"},
                        Case{{64, 288, 32, 312, 32}, "cols: expected at least bk 312, got 288"},
                        Case{{64, 296, 32, 96, 32}, "cols mod bk: expected a multiple of 32, at most 256, got 8"},
                        Case{{64, 600, 32, 312, 32}, "cols mod bk: expected a multiple of 32, at most 256, got 288"}}) {
    const absl::Status status = CheckTl2Tiling(c.tiling);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr(c.message));
    EXPECT_THAT(status.message(), HasSubstr("TL2 tiling " + TilingText(c.tiling)));
  }
}

TEST(DefaultTilingTest, OfModels) {
  EXPECT_EQ(DefaultTl1Tiling(2560, 2560), (TlTiling{2560, 2560, 320, 128, 64}));
  EXPECT_EQ(DefaultTl1Tiling(6912, 2560), (TlTiling{6912, 2560, 256, 128, 64}));
  EXPECT_EQ(DefaultTl1Tiling(640, 3200), (TlTiling{640, 3200, 320, 128, 64}));
  EXPECT_EQ(DefaultTl1Tiling(160, 64), (TlTiling{160, 64, 160, 64, 32}));
  EXPECT_EQ(DefaultTl1Tiling(128, 512), (TlTiling{128, 512, 128, 128, 64}));
  EXPECT_EQ(DefaultTl2Tiling(2560, 6912), (TlTiling{2560, 6912, 320, 96, 32}));
  EXPECT_EQ(DefaultTl2Tiling(6912, 2560), (TlTiling{6912, 2560, 256, 96, 32}));
  EXPECT_EQ(DefaultTl2Tiling(128, 512), (TlTiling{128, 512, 128, 96, 32}));
  EXPECT_EQ(DefaultTl2Tiling(1024, 512), (TlTiling{1024, 512, 256, 96, 32}));
  EXPECT_EQ(DefaultTl2Tiling(32, 264), (TlTiling{32, 264, 32, 24, 32}));
}

// Against trying every tiling there is.
TEST(DefaultTilingTest, WheneverOneFits) {
  for (int64_t rows = 1; rows <= 192; ++rows) {
    for (int64_t cols = 1; cols <= 64; ++cols) {
      bool fits = false;
      for (const int32_t bmm : {32, 64}) {
        for (int32_t bm = bmm; bm <= rows; bm += bmm) {
          for (int32_t bk = 4; bk <= cols; bk += 4) fits |= CheckTl1Tiling({rows, cols, bm, bk, bmm}).ok();
        }
      }
      const std::optional<TlTiling> chosen = DefaultTl1Tiling(rows, cols);
      ASSERT_EQ(chosen.has_value(), fits) << rows << "x" << cols;
      if (fits) {
        ASSERT_TRUE(CheckTl1Tiling(*chosen).ok());
      }
    }
  }
  for (const int64_t rows : {31, 32, 48, 64, 96, 224}) {
    for (int64_t cols = 1; cols <= 1100; ++cols) {
      bool fits = false;
      for (int32_t bk = 24; bk <= cols; bk += 24) fits |= CheckTl2Tiling({rows, cols, 32, bk, 32}).ok();
      const std::optional<TlTiling> chosen = DefaultTl2Tiling(rows, cols);
      ASSERT_EQ(chosen.has_value(), fits) << rows << "x" << cols;
      if (fits) {
        ASSERT_TRUE(CheckTl2Tiling(*chosen).ok());
      }
    }
  }
}

TEST(DefaultTilingTest, HostileShapes) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  for (const int64_t side : {-kMost - 1, int64_t{-32}, int64_t{0}, int64_t{1} << 31, kMost}) {
    EXPECT_FALSE(DefaultTl1Tiling(side, 512).has_value());
    EXPECT_FALSE(DefaultTl1Tiling(512, side).has_value());
    EXPECT_FALSE(DefaultTl2Tiling(side, 512).has_value());
    EXPECT_FALSE(DefaultTl2Tiling(512, side).has_value());
  }
  EXPECT_TRUE(DefaultTl2Tiling(32, 24 * int64_t{89478457}).has_value());  // a prime number of 24s
}

TEST(FindTilingTest, ByShape) {
  const std::vector<TlTiling> tilings = {{64, 64, 32, 32, 32}, {64, 128, 64, 32, 32}};
  EXPECT_EQ(FindTiling(tilings, 64, 128), &tilings[1]);
  EXPECT_EQ(FindTiling(tilings, 128, 64), nullptr);
  EXPECT_EQ(FindTiling({}, 64, 64), nullptr);
}

TEST(TilingIntsTest, ThereAndBack) {
  const std::vector<TlTiling> tilings = {{2560, 6912, 160, 64, 32}, {640, 2560, 320, 128, 64}};
  const auto ints = TilingsToInts(tilings);
  ASSERT_TRUE(ints.ok());
  EXPECT_EQ(*ints, (std::vector<int32_t>{2560, 6912, 160, 64, 32, 640, 2560, 320, 128, 64}));
  EXPECT_EQ(*TilingsFromInts(*ints), tilings);
  EXPECT_TRUE(TilingsFromInts({})->empty());
}

TEST(TilingIntsTest, RefusesOtherArrays) {
  const auto error = [](std::vector<int32_t> ints) { return std::string(TilingsFromInts(ints).status().message()); };
  EXPECT_THAT(error({1, 2, 3, 4}), HasSubstr("expected 5 numbers for each (rows, cols, bm, bk, bmm), got 4"));
  EXPECT_THAT(error({1, 2, 3, 4, 5, 1, 3, 0, 4, 5}), HasSubstr("number 7: expected at least 1, got 0"));
  EXPECT_THAT(error({1, 2, 3, 4, -5}), HasSubstr("number 4: expected at least 1, got -5"));
  EXPECT_THAT(error({1, 2, 3, 4, 5, 1, 2, 6, 6, 6}), HasSubstr("tiling 1: shape 1x2 has a tiling already"));
  EXPECT_THAT(error(std::vector<int32_t>(5 * 257, 1)), HasSubstr("expected at most 256, got 257"));
}

TEST(TilingIntsTest, RefusesOtherTilings) {
  const auto status = [](std::vector<TlTiling> tilings) { return TilingsToInts(tilings).status(); };
  EXPECT_TRUE(absl::IsOutOfRange(status({{int64_t{1} << 31, 64, 32, 32, 32}})));
  EXPECT_THAT(status({{64, 64, 32, 0, 32}}).message(), HasSubstr("expected numbers of at least 1, got 64x64"));
  EXPECT_THAT(status({{8, 8, 1, 1, 1}, {8, 8, 2, 2, 2}}).message(), HasSubstr("tiling 1: shape 8x8 has a tiling"));
  EXPECT_THAT(status(std::vector<TlTiling>(257, {8, 8, 1, 1, 1})).message(), HasSubstr("at most 256, got 257"));
}

}  // namespace
}  // namespace bitnet
