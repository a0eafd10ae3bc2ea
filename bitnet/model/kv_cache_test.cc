#include "bitnet/model/kv_cache.h"

#include "bitnet/base/f16.h"
#include "bitnet/kernels/catalog/work.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr ArchShape kShape = {.layers = 3, .hidden = 256, .ffn = 512, .heads = 4, .kv_heads = 2, .head_dim = 64};
constexpr int64_t kCapacity = 10;
constexpr int64_t kLayer = 2 * 64 * kCapacity;

TEST(KvCacheTest, LayersLieOneAfterTheOtherAndStartAsZeros) {
  KvCache cache(kShape, kCapacity);
  EXPECT_EQ(cache.capacity(), kCapacity);
  EXPECT_EQ(cache.length(), 0);
  EXPECT_EQ(cache.bytes(), 2 * 2 * 3 * static_cast<uint64_t>(kLayer));  // keys and values, two bytes each
  for (int64_t layer = 0; layer < 3; ++layer) {
    EXPECT_EQ(cache.keys(layer), cache.keys(0) + layer * kLayer);
    EXPECT_EQ(cache.values(layer), cache.values(0) + layer * kLayer);
    for (int64_t i = 0; i < kLayer; ++i) {
      ASSERT_EQ(cache.keys(layer)[i], 0);
      ASSERT_EQ(cache.values(layer)[i], 0);
    }
  }
}

TEST(KvCacheTest, KeysAndValuesDoNotShareMemory) {
  KvCache cache(kShape, kCapacity);
  for (int64_t layer = 0; layer < 3; ++layer) {
    for (int64_t i = 0; i < kLayer; ++i) {
      cache.keys(layer)[i] = static_cast<F16>(1 + layer);
      cache.values(layer)[i] = static_cast<F16>(100 + layer);
    }
  }
  for (int64_t layer = 0; layer < 3; ++layer) {
    for (int64_t i = 0; i < kLayer; ++i) {
      ASSERT_EQ(cache.keys(layer)[i], 1 + layer);
      ASSERT_EQ(cache.values(layer)[i], 100 + layer);
    }
  }
}

TEST(KvCacheTest, LengthFollowsAdvanceAndTruncate) {
  KvCache cache(kShape, kCapacity);
  cache.keys(1)[5] = 7;
  cache.Advance(4);
  cache.Advance(1);
  EXPECT_EQ(cache.length(), 5);
  cache.Truncate(2);
  EXPECT_EQ(cache.length(), 2);
  EXPECT_EQ(cache.keys(1)[5], 7) << "what is kept is not moved";
  EXPECT_EQ(cache.capacity(), kCapacity);
}

TEST(KvCacheTest, CopiesTheFirstPositionsOfEveryHeadAndLayer) {
  KvCache from(kShape, kCapacity), to(kShape, kCapacity);
  for (int64_t i = 0; i < 3 * kLayer; ++i) {
    from.keys(0)[i] = static_cast<F16>(i % 30000);
    from.values(0)[i] = static_cast<F16>(i % 29999 + 1);
    to.keys(0)[i] = to.values(0)[i] = 7;
  }
  from.Advance(9);
  to.Advance(5);
  to.CopyPrefix(from, 4);
  EXPECT_EQ(to.length(), 4);
  for (int64_t i = 0; i < 3 * kLayer; ++i) {
    const bool copied = i / 64 % kCapacity < 4;
    ASSERT_EQ(to.keys(0)[i], copied ? from.keys(0)[i] : 7) << i;
    ASSERT_EQ(to.values(0)[i], copied ? from.values(0)[i] : 7) << i;
  }
}

}  // namespace
}  // namespace bitnet
