#include "bitnet/model/finite.h"

#include <cmath>
#include <optional>
#include <vector>

#include "bitnet/base/f16.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(FiniteTest, EveryPatternIsJudgedAsItsValueIs) {
  for (uint32_t pattern = 0; pattern <= 0xffff; ++pattern) {
    const F16 value = static_cast<F16>(pattern);
    EXPECT_EQ(FindNonFinite({&value, 1}).has_value(), !std::isfinite(F16ToF32(value))) << pattern;
  }
}

TEST(FiniteTest, FindsTheFirstAtEveryPlace) {
  EXPECT_EQ(FindNonFinite({}), std::nullopt);
  // Around the edges of the 4096 values that are looked at together, and in a last piece that is short.
  std::vector<F16> values(2 * 4096 + 37, 0x7bff);
  EXPECT_EQ(FindNonFinite(values), std::nullopt);
  for (const size_t at : {0u, 1u, 31u, 4095u, 4096u, 4097u, 8191u, 8192u, 8228u}) {
    values[at] = 0xfc00;
    values.back() = 0x7e01;
    EXPECT_EQ(FindNonFinite(values), at);
    values[at] = values.back() = 0x7bff;
  }
}

}  // namespace
}  // namespace bitnet
