#include "bitnet/base/aligned_buffer.h"

#include <cstdint>
#include <utility>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(AlignedBufferTest, IsAlignedZeroedAndWritableToTheEnd) {
  for (const size_t size : {1, 2, 63, 64, 65, 4096, 100'000}) {
    AlignedBuffer<float> buffer(size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % kBufferAlignment, 0u);
    ASSERT_EQ(buffer.size(), size);
    for (size_t i = 0; i < size; ++i) ASSERT_EQ(buffer[i], 0.0f);
    buffer[size - 1] = 1.0f;
    EXPECT_EQ(buffer.span().back(), 1.0f);
  }
}

TEST(AlignedBufferTest, Moves) {
  AlignedBuffer<int> a(3);
  a[2] = 7;
  const int* data = a.data();
  AlignedBuffer<int> b = std::move(a);
  EXPECT_EQ(b.data(), data);
  AlignedBuffer<int> c;
  EXPECT_EQ(c.size(), 0u);
  EXPECT_TRUE(c.span().empty());
  c = std::move(b);
  EXPECT_EQ(c[2], 7);
}

TEST(AlignedBufferDeathTest, SizesThatOverflowAreRefused) { EXPECT_DEATH(AlignedBuffer<double>(SIZE_MAX / 4), ""); }

}  // namespace
}  // namespace bitnet
