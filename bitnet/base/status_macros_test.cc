#include "bitnet/base/status_macros.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

absl::StatusOr<std::unique_ptr<int>> Make(int value) {
  if (value < 0) return absl::InvalidArgumentError("negative");
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Add(int a, int b, int& steps) {
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<int> x, Make(a));
  ++steps;
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<int> y, Make(b));
  ++steps;
  return *x + *y;
}

absl::Status Check(int value, int& steps) {
  if (value > 0) BITNET_RETURN_IF_ERROR(Make(value - 10).status());
  ++steps;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, AssignsOrReturnsUnchanged) {
  int steps = 0;
  EXPECT_EQ(*Add(1, 2, steps), 3);
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(Add(-1, 2, steps).status(), absl::InvalidArgumentError("negative"));
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(Add(1, -2, steps).status(), absl::InvalidArgumentError("negative"));
  EXPECT_EQ(steps, 3);
}

TEST(StatusMacrosTest, ReturnsIfError) {
  int steps = 0;
  EXPECT_TRUE(Check(10, steps).ok());
  EXPECT_EQ(steps, 1);
  EXPECT_FALSE(Check(9, steps).ok());
  EXPECT_EQ(steps, 1);
}

}  // namespace
}  // namespace bitnet
