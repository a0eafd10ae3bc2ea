#include "bitnet/tensor/tensor_type.h"

#include <cstdint>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr uint64_t kMost = UINT64_MAX;

TEST(TensorSizeInBytesTest, OneMatrixInEveryForm) {
  const struct {
    TensorType type;
    uint64_t rows, cols, bytes;
  } cases[] = {
      {TensorType::kF32, 3, 5, 60},
      {TensorType::kF16, 3, 5, 30},
      {TensorType::kI2S, 6912, 2560, 4423712},               // 6912 * 2560 / 4 + 32
      {TensorType::kTl1, 6912, 2560, 4423712},               // the same rule
      {TensorType::kTl2, 6912, 2560, 3760160},               // 2304 * 6912 / 3 * 5 / 8 + 256 * 6912 / 8 * 2, + 32
      {TensorType::kTl2, 1, 257, 64 + 32},                   // 1 / 3 * 5 / 8 = 0
      {TensorType::kTl2, 5, 256 + 97, 100 + 320 + 28 + 32},  // 485 / 3 = 161, * 5 / 8 = 100; rounded up to 448
      {TensorType::kTq1_0, 6912, 2560, 3732480},             // 54 / 256
      {TensorType::kTq2_0, 6912, 2560, 4561920},             // 66 / 256
      {TensorType::kQ1_0, 6912, 2560, 2488320},              // 18 / 128
      {TensorType::kQ2_0, 6912, 2560, 4976640},              // 18 / 64
      {TensorType::kI2S32, 6912, 2560, 5529600},             // 10 / 32
      {TensorType::kQk256, 6912, 2560, 4423680},             // 64 / 256
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(TensorTypeName(static_cast<uint32_t>(c.type)));
    const absl::StatusOr<uint64_t> bytes = TensorSizeInBytes(c.type, c.rows * c.cols, c.cols);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    EXPECT_EQ(*bytes, c.bytes);
    EXPECT_EQ(TensorTypeFromId(static_cast<uint32_t>(c.type)), c.type);
  }
}

TEST(TensorSizeInBytesTest, RowsThatDoNotFitAreRefused) {
  const struct {
    TensorType type;
    uint64_t cols;
  } cases[] = {{TensorType::kI2S, 64},    {TensorType::kTl1, 6},   {TensorType::kTl2, 255}, {TensorType::kTq1_0, 128},
               {TensorType::kTq2_0, 384}, {TensorType::kQ1_0, 64}, {TensorType::kQ2_0, 96}, {TensorType::kI2S32, 48},
               {TensorType::kQk256, 128}, {TensorType::kTl2, 0}};
  for (const auto& c : cases) {
    EXPECT_TRUE(absl::IsInvalidArgument(TensorSizeInBytes(c.type, c.cols * 12, c.cols).status()))
        << TensorTypeName(static_cast<uint32_t>(c.type));
  }
}

TEST(TensorSizeInBytesTest, OverflowIsAnError) {
  EXPECT_TRUE(absl::IsOutOfRange(TensorSizeInBytes(TensorType::kF32, kMost, 1).status()));
  // Elements are a 64-bit product already, so only rules of a byte a weight and more can overflow, and TL2's products.
  EXPECT_TRUE(absl::IsOutOfRange(TensorSizeInBytes(TensorType::kTl2, kMost, 256).status()));
  EXPECT_TRUE(absl::IsOutOfRange(TensorSizeInBytes(TensorType::kTl2, kMost, 1 << 20).status()));
  EXPECT_TRUE(TensorSizeInBytes(TensorType::kQ1_0, kMost - 127, 128).ok());
}

TEST(TensorTypeTest, UnknownNumbers) {
  EXPECT_EQ(TensorTypeFromId(999), std::nullopt);
  EXPECT_EQ(TensorTypeName(999), "type 999");
  EXPECT_TRUE(absl::IsUnimplemented(TensorSizeInBytes(static_cast<TensorType>(999), 1, 1).status()));
}

}  // namespace
}  // namespace bitnet
