#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/hf/hf_floats.h"
#include "bitnet/hf/hf_trits.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// A tensor that owns its bytes.
struct OwnedTensor {
  template <typename T>
  OwnedTensor(SafetensorsDtype dtype, std::vector<uint64_t> shape, const std::vector<T>& values)
      : bytes(values.size() * sizeof(T)) {
    std::memcpy(bytes.data(), values.data(), bytes.size());
    tensor = {.name = "t", .dtype = dtype, .shape = std::move(shape), .data = bytes};
  }
  std::vector<uint8_t> bytes;
  SafetensorsTensor tensor;
};

uint16_t Bf16(float value) { return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16); }

TEST(UnpackHfTritsTest, EveryByteAtEveryPlace) {
  // One column: byte b of row r gives rows r, r + M/4, ... All bytes without a code 3.
  std::vector<uint8_t> packed;
  for (int byte = 0; byte < 256; ++byte) {
    if ((byte & byte >> 1 & 0x55) == 0) packed.push_back(static_cast<uint8_t>(byte));
  }
  ASSERT_EQ(packed.size(), 81u);
  std::vector<int8_t> trits(4 * packed.size());
  ASSERT_TRUE(UnpackHfTrits(packed, 4 * 81, 1, "t", trits).ok());
  for (size_t row = 0; row < trits.size(); ++row) {
    EXPECT_EQ(trits[row], (packed[row % 81] >> (2 * (row / 81)) & 3) - 1) << row;
  }
}

TEST(UnpackHfTritsTest, RowsAreQuarters) {
  // 8 rows of 3 columns; the layout that the transformers library's documentation shows.
  const std::vector<int8_t> expected = {1, 0, -1, 0, 0, 1, -1, -1, 1, 1, 1, 0, 0, -1, 0, 1, 0, 1, -1, 0, 0, 1, -1, -1};
  std::vector<uint8_t> packed(6, 0);
  for (int row = 0; row < 8; ++row) {
    for (int col = 0; col < 3; ++col) packed[row % 2 * 3 + col] |= (expected[row * 3 + col] + 1) << (2 * (row / 2));
  }
  std::vector<int8_t> trits(24);
  ASSERT_TRUE(UnpackHfTrits(packed, 8, 3, "t", trits).ok());
  EXPECT_EQ(trits, expected);
}

TEST(UnpackHfTritsTest, LargeMatricesRoundTrip) {
  std::mt19937 random(1);
  const int64_t rows = 132, cols = 1024;  // more than one chunk
  std::vector<int8_t> expected(rows * cols);
  for (int8_t& trit : expected) trit = static_cast<int8_t>(random() % 3) - 1;
  std::vector<uint8_t> packed(rows / 4 * cols, 0);
  for (int64_t i = 0; i < rows * cols; ++i) {
    packed[i % packed.size()] |= (expected[i] + 1) << (2 * (i / static_cast<int64_t>(packed.size())));
  }
  std::vector<int8_t> trits(rows * cols);
  ASSERT_TRUE(UnpackHfTrits(packed, rows, cols, "t", trits).ok());
  EXPECT_EQ(trits, expected);
}

TEST(UnpackHfTritsTest, CodeThreeIsRefusedWithItsPlace) {
  for (int s = 0; s < 4; ++s) {
    std::vector<uint8_t> packed(5 * 7, 0x55);
    packed[3 * 7 + 2] |= static_cast<uint8_t>(3 << (2 * s));
    std::vector<int8_t> trits(20 * 7);
    const absl::Status status = UnpackHfTrits(packed, 20, 7, "q", trits);
    EXPECT_EQ(status.message(),
              absl::StrCat("tensor q: row ", 3 + 5 * s, ", column 2: expected code 0, 1 or 2, got 3 (byte 23)"));
    EXPECT_TRUE(absl::IsInvalidArgument(status));
  }
}

TEST(InterleaveRopeRowsTest, HalvesOfEachHeadAlternate) {
  // Two heads of 6 rows; a row's number is in its two columns.
  std::vector<int8_t> trits;
  for (int8_t row = 0; row < 12; ++row) trits.insert(trits.end(), {row, static_cast<int8_t>(-row)});
  InterleaveRopeRows(trits, 12, 2, 2);
  const int8_t order[] = {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11};
  for (int row = 0; row < 12; ++row) {
    EXPECT_EQ(trits[2 * row], order[row]);
    EXPECT_EQ(trits[2 * row + 1], -order[row]);
  }
}

TEST(ReadHfScaleTest, DirectAndInverse) {
  const OwnedTensor bf16(SafetensorsDtype::kBf16, {1}, std::vector<uint16_t>{Bf16(1.21875f)});
  EXPECT_EQ(*ReadHfScale(bf16.tensor, HfScale::kDirect), 1.21875f);
  EXPECT_EQ(*ReadHfScale(bf16.tensor, HfScale::kInverse), 1.0f / 1.21875f);
  const OwnedTensor f32(SafetensorsDtype::kF32, {}, std::vector<float>{3.0f});
  EXPECT_EQ(std::bit_cast<uint32_t>(*ReadHfScale(f32.tensor, HfScale::kInverse)), 0x3eaaaaabu);
  const OwnedTensor f16(SafetensorsDtype::kF16, {1, 1}, std::vector<uint16_t>{F32ToF16(0.5f)});
  EXPECT_EQ(*ReadHfScale(f16.tensor, HfScale::kInverse), 2.0f);
  const OwnedTensor zero(SafetensorsDtype::kF32, {1}, std::vector<float>{0.0f});
  EXPECT_EQ(*ReadHfScale(zero.tensor, HfScale::kDirect), 0.0f);
  EXPECT_FALSE(ReadHfScale(zero.tensor, HfScale::kInverse).ok());
  const OwnedTensor minus_zero(SafetensorsDtype::kF32, {1}, std::vector<float>{-0.0f});
  EXPECT_EQ(std::bit_cast<uint32_t>(*ReadHfScale(minus_zero.tensor, HfScale::kDirect)), 0x80000000u);
  EXPECT_FALSE(ReadHfScale(minus_zero.tensor, HfScale::kInverse).ok());
}

TEST(ReadHfScaleTest, RefusesWhatIsNoScale) {
  for (const float bad : {-1.0f, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    const OwnedTensor tensor(SafetensorsDtype::kF32, {1}, std::vector<float>{bad});
    for (const HfScale meaning : {HfScale::kDirect, HfScale::kInverse}) {
      EXPECT_TRUE(absl::IsInvalidArgument(ReadHfScale(tensor.tensor, meaning).status())) << bad;
    }
  }
  const OwnedTensor tiny(SafetensorsDtype::kF32, {1}, std::vector<float>{1e-40f});
  EXPECT_FALSE(ReadHfScale(tiny.tensor, HfScale::kInverse).ok());
  const OwnedTensor two(SafetensorsDtype::kF32, {2}, std::vector<float>{1, 2});
  EXPECT_TRUE(absl::StrContains(ReadHfScale(two.tensor, HfScale::kDirect).status().message(), "expected one value"));
  const OwnedTensor integer(SafetensorsDtype::kI32, {1}, std::vector<int32_t>{1});
  EXPECT_TRUE(absl::IsUnimplemented(ReadHfScale(integer.tensor, HfScale::kDirect).status()));
}

struct Narrowed {
  absl::StatusOr<F16Rounding> rounding;
  std::vector<uint8_t> bytes;
};

Narrowed Narrow(const SafetensorsTensor& tensor) {
  std::vector<uint8_t> bytes;
  auto rounding = WriteHfAsF16(tensor, [&](std::span<const uint8_t> piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return absl::OkStatus();
  });
  return {std::move(rounding), std::move(bytes)};
}

TEST(WriteHfAsF16Test, EveryBf16ThatF16CanHold) {
  // All finite values up to the largest that rounds below infinity, subnormal ones too, in one tensor of many chunks.
  std::vector<uint16_t> values;
  uint64_t rounded = 0, to_zero = 0;
  double max_error = 0;
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const float value = std::bit_cast<float>(bits << 16);
    if (!(std::fabs(value) < 65520)) continue;
    values.push_back(static_cast<uint16_t>(bits));
    const float back = F16ToF32(F32ToF16(value));
    rounded += back != value;
    to_zero += back != value && back == 0;
    max_error = std::max<double>(max_error, std::fabs(double{value} - back));
  }
  const OwnedTensor tensor(SafetensorsDtype::kBf16, {values.size()}, values);
  const Narrowed narrowed = Narrow(tensor.tensor);
  ASSERT_TRUE(narrowed.rounding.ok()) << narrowed.rounding.status();
  EXPECT_EQ(*narrowed.rounding, (F16Rounding{values.size(), rounded, to_zero, max_error}));
  EXPECT_GT(rounded, 10000u);
  EXPECT_GE(to_zero, 2u * 127) << "bfloat16 has so many subnormal numbers";
  EXPECT_LE(max_error, 0x1p-25);  // bf16 has fewer digits than f16: only f16's own subnormals round
  ASSERT_EQ(narrowed.bytes.size(), 2 * values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    uint16_t half;
    std::memcpy(&half, narrowed.bytes.data() + 2 * i, 2);
    ASSERT_EQ(half, F32ToF16(std::bit_cast<float>(uint32_t{values[i]} << 16))) << values[i];
  }
}

TEST(WriteHfAsF16Test, F16IsTakenOverAndF32IsRounded) {
  std::vector<uint16_t> halves;
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    if ((bits & 0x7c00) != 0x7c00) halves.push_back(static_cast<uint16_t>(bits));
  }
  const OwnedTensor f16(SafetensorsDtype::kF16, {halves.size()}, halves);
  const Narrowed same = Narrow(f16.tensor);
  ASSERT_TRUE(same.rounding.ok()) << same.rounding.status();
  EXPECT_EQ(same.rounding->rounded, 0u);
  EXPECT_EQ(same.bytes, f16.bytes);
  // 1 + 2^-11 lies between two values of f16 and goes to the even one, 1; 1 + 3 * 2^-11 to 1 + 2^-9.
  const OwnedTensor f32(SafetensorsDtype::kF32, {4},
                        std::vector<float>{1.0f, 1.00048828125f, 1.00146484375f, -65519.0f});
  const Narrowed narrowed = Narrow(f32.tensor);
  ASSERT_TRUE(narrowed.rounding.ok()) << narrowed.rounding.status();
  EXPECT_EQ(*narrowed.rounding, (F16Rounding{4, 3, 0, 15.0}));
  EXPECT_EQ(narrowed.bytes, (std::vector<uint8_t>{0x00, 0x3c, 0x00, 0x3c, 0x02, 0x3c, 0xff, 0xfb}));
  const OwnedTensor tiny(SafetensorsDtype::kF32, {2}, std::vector<float>{0x1p-130f, -0x1p-149f});
  const Narrowed zeros = Narrow(tiny.tensor);
  ASSERT_TRUE(zeros.rounding.ok()) << zeros.rounding.status();
  EXPECT_EQ(*zeros.rounding, (F16Rounding{2, 2, 2, 0x1p-130}));
  EXPECT_EQ(zeros.bytes, (std::vector<uint8_t>{0x00, 0x00, 0x00, 0x80}));
}

TEST(WriteHfAsF16Test, RefusesWhatF16CannotHold) {
  const float infinity = std::numeric_limits<float>::infinity();
  const struct {
    float value;
    const char* error;
  } cases[] = {{65536.0f, "below 65520"},
               {-1e30f, "below 65520"},
               {infinity, "a finite number"},
               {std::nanf(""), "a finite number"}};
  for (const auto& c : cases) {
    for (const bool wide : {false, true}) {
      std::vector<float> values(20000, 0.5f);
      values[17000] = c.value;
      std::vector<uint16_t> halves;
      for (const float value : values) halves.push_back(Bf16(value));
      const OwnedTensor tensor = wide ? OwnedTensor(SafetensorsDtype::kF32, {20000}, values)
                                      : OwnedTensor(SafetensorsDtype::kBf16, {20000}, halves);
      const absl::Status status = Narrow(tensor.tensor).rounding.status();
      EXPECT_TRUE(absl::StartsWith(status.message(), "tensor t: element 17000: expected ")) << status;
      EXPECT_TRUE(absl::StrContains(status.message(), c.error)) << status;
    }
  }
  const OwnedTensor bytes(SafetensorsDtype::kU8, {1}, std::vector<uint8_t>{1});
  EXPECT_TRUE(absl::IsUnimplemented(Narrow(bytes.tensor).rounding.status()));
}

TEST(WriteHfAsF32Test, IsExact) {
  const OwnedTensor tensor(SafetensorsDtype::kBf16, {2}, std::vector<uint16_t>{Bf16(0.75f), Bf16(-3.0f)});
  std::vector<uint8_t> bytes;
  const auto sink = [&](std::span<const uint8_t> piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return absl::OkStatus();
  };
  ASSERT_TRUE(WriteHfAsF32(tensor.tensor, sink).ok());
  EXPECT_EQ(bytes, (std::vector<uint8_t>{0, 0, 0x40, 0x3f, 0, 0, 0x40, 0xc0}));
  const OwnedTensor bad(SafetensorsDtype::kF16, {2}, std::vector<uint16_t>{0, 0x7c00});
  EXPECT_TRUE(absl::StrContains(WriteHfAsF32(bad.tensor, sink).message(), "element 1: expected a finite number"));
}

}  // namespace
}  // namespace bitnet
