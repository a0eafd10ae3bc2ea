#include "bitnet/base/philox.h"

#include <array>
#include <cstdint>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::ElementsAre;

// Known answers of the authors' Random123 distribution (kat_vectors, philox4x32 10).
TEST(PhiloxTest, KnownAnswers) {
  EXPECT_THAT(Philox4x32({0, 0, 0, 0}, {0, 0}), ElementsAre(0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u));
  constexpr uint32_t kOnes = 0xffffffffu;
  EXPECT_THAT(Philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
              ElementsAre(0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu));
  EXPECT_THAT(Philox4x32({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u}),
              ElementsAre(0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u));
}

TEST(PhiloxTest, PositionIsCounterAndSeedIsKey) {
  EXPECT_EQ(PhiloxAt(0, 0, 0), Philox4x32({0, 0, 0, 0}, {0, 0}));
  EXPECT_EQ(PhiloxAt(0x299f31d0a4093822u, 0x0370734413198a2eu, 0x85a308d3243f6a88u),
            Philox4x32({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u}));
}

TEST(PhiloxTest, EveryBitOfEveryInputMatters) {
  std::set<std::array<uint32_t, 4>> seen = {PhiloxAt(0, 0, 0)};
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t one = uint64_t{1} << bit;
    seen.insert(PhiloxAt(one, 0, 0));
    seen.insert(PhiloxAt(0, one, 0));
    seen.insert(PhiloxAt(0, 0, one));
  }
  EXPECT_EQ(seen.size(), 1u + 3 * 64);
}

}  // namespace
}  // namespace bitnet
