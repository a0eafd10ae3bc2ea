// The hint points at the groups that a file was packed with where neurons differ, and at nothing in random weights.

#include "xtask/group_hint.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bitnet/quant/codec.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

constexpr int64_t kHidden = 256, kFfn = 512;

// A generator of its own, so that the test needs no other.
class Random {
 public:
  uint64_t Below(uint64_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % limit;
  }

 private:
  uint64_t state_ = 1;
};

// One block whose neuron i has, of 100 weights, 20 to 79 zeros (or 50 in all), in the groups of `codec`.
std::optional<GroupHint> Hint(std::string_view codec_name, bool neurons_differ) {
  const TernaryCodec& codec = *FindTernaryCodec(codec_name);
  Random random;
  std::vector<uint64_t> zeros(kFfn);
  for (uint64_t& percent : zeros) percent = neurons_differ ? 20 + random.Below(60) : 50;
  const auto trit = [&](int64_t neuron) -> int8_t {
    if (random.Below(100) < zeros[static_cast<size_t>(neuron)]) return 0;
    return random.Below(2) == 0 ? -1 : 1;
  };
  std::vector<int8_t> up, down;
  for (int64_t i = 0; i < kFfn * kHidden; ++i) up.push_back(trit(i / kHidden));
  for (int64_t i = 0; i < kHidden * kFfn; ++i) down.push_back(trit(i % kFfn));
  std::vector<uint8_t> up_bytes(codec.size(kFfn, kHidden)), down_bytes(codec.size(kHidden, kFfn));
  EXPECT_TRUE(codec.pack(up, kFfn, kHidden, 1.0f, {}, up_bytes).ok());
  EXPECT_TRUE(codec.pack(down, kHidden, kFfn, 1.0f, {}, down_bytes).ok());
  const FeedForwardBytes block = {.up = up_bytes, .down = down_bytes, .hidden = kHidden, .ffn = kFfn};
  return HintAtGroups({&block, 1}, {Isa::kScalar});
}

TEST(GroupHintTest, PointsAtTheGroupsOfTheFile) {
  const auto hint_128 = Hint("i2_s", true);
  ASSERT_TRUE(hint_128.has_value());
  EXPECT_GT(hint_128->correlation_128, 0.8);
  EXPECT_LT(hint_128->correlation_64, 0.4);
  EXPECT_TRUE(hint_128->points_to_128);
  EXPECT_FALSE(hint_128->points_to_64);
  const auto hint_64 = Hint("i2_s_64", true);
  ASSERT_TRUE(hint_64.has_value());
  EXPECT_TRUE(hint_64->points_to_64);
  EXPECT_FALSE(hint_64->points_to_128);
}

TEST(GroupHintTest, SaysNothingOfRandomWeights) {
  for (const std::string_view codec : {"i2_s", "i2_s_64"}) {
    const auto hint = Hint(codec, false);
    ASSERT_TRUE(hint.has_value());
    EXPECT_FALSE(hint->points_to_128);
    EXPECT_FALSE(hint->points_to_64);
  }
  EXPECT_FALSE(HintAtGroups({}, {Isa::kScalar}).has_value());
}

}  // namespace
}  // namespace bitnet::xtask
