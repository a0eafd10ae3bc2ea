#include "xtask/roofline.h"

#include <string>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Roofline, TheRoofIsTheLowerOfTheTwo) {
  const Roofs roofs{.read_gbps = 20, .int8_gops = 1000};
  EXPECT_EQ(RoofGops(roofs, 1), 20);
  EXPECT_EQ(RoofGops(roofs, 50), 1000);
  EXPECT_EQ(RoofGops(roofs, 5000), 1000);
}

// Of axes from 1 to 1000 operations per byte and 10 to 10000 a second, 670 by 350 wide, a point at (10, 100) is a third
// of the way on both.
TEST(Roofline, PointsLieWhereTheirNumbersSay) {
  const Roofs roofs{.read_gbps = 20, .int8_gops = 1000};
  const std::string svg = RooflineSvg(roofs, {{.number = 1, .intensity = 10, .gops = 100},
                                              {.number = 2, .prefill = true, .intensity = 500, .gops = 900}});
  EXPECT_THAT(svg, HasSubstr(absl::StrFormat("<circle class=\"decode\" cx=\"%.1f\" cy=\"%.1f\"", 70 + 670 / 3.0,
                                             370 - 350 / 3.0)));
  EXPECT_THAT(svg, HasSubstr("<rect class=\"prefill\""));
  EXPECT_THAT(svg, HasSubstr(">2</text>"));
  EXPECT_THAT(svg, HasSubstr("20.0 GB/s"));
  // The ridge: 50 operations per byte, 1000 a second.
  EXPECT_THAT(svg, HasSubstr(absl::StrFormat(" %.1f,%.1f ", 70 + 670 * 1.69897 / 3, 370 - 350 * 2 / 3.0)));
  for (const char* bad : {"nan", "inf", "<script"}) EXPECT_THAT(svg, Not(HasSubstr(bad)));
}

TEST(Roofline, FarAwayPointsAndNoneAtAll) {
  const Roofs roofs{.read_gbps = 20, .int8_gops = 1000};
  for (const std::string& svg :
       {RooflineSvg(roofs, {}), RooflineSvg(roofs, {{.number = 1, .intensity = 1e-3, .gops = 1e-5}}),
        RooflineSvg(roofs, {{.number = 1, .intensity = 1e6, .gops = 1e7}}), RooflineSvg({1, 1}, {})}) {
    for (const char* bad : {"nan", "inf"}) EXPECT_THAT(svg, Not(HasSubstr(bad)));
    EXPECT_THAT(svg, HasSubstr("</svg>"));
  }
}

}  // namespace
}  // namespace bitnet::xtask
