// Data, shapes and scales that are wrong: refused with the place, the same on every instruction set.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/quant/block_format.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/codec_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// By codec: its blocks.
struct Format {
  const char* name;
  const char* label;
  BlockLayout layout;
};

class CodecHostileTest : public testing::TestWithParam<Format> {
 protected:
  static constexpr int64_t kRows = 131, kCols = 256;  // more than two of the pieces in which blocks are read
  const TernaryCodec& codec_ = *FindTernaryCodec(GetParam().name);
  const BlockShape block_ = ShapeOf(GetParam().layout);
  const ShapedCodec shaped_{codec_, kRows, kCols};
  const std::vector<int8_t> trits_ = RandomTrits(kRows * kCols, codec_.has_zero, 1);

  // Of every instruction set, and of the repack: one answer.
  absl::Status Status(const std::vector<uint8_t>& data, std::optional<float> exact = std::nullopt, int64_t rows = kRows,
                      int64_t cols = kCols) const {
    absl::Status status;
    std::vector<int8_t> trits(kRows * kCols);
    std::vector<uint8_t> packed(kRows * kCols / 4);
    bool first = true;
    for (IsaSet isa : CodecIsas()) {
      const CodecParams params = shaped_.Params(isa, exact);
      const absl::Status unpack = codec_.unpack(data, rows, cols, params, "t", trits).status();
      if (!first) {
        EXPECT_EQ(unpack, status);
      }
      status = unpack;
      first = false;
      if (cols % 128 == 0 && rows > 0) {
        EXPECT_EQ(codec_.repack_to_i2s(data, rows, cols, params, "t", packed).status(), status);
      }
    }
    return status;
  }
  void SetScale(std::vector<uint8_t>& data, int64_t block, F16 bits) const {
    std::memcpy(data.data() + block * block_.bytes + block_.scale_at, &bits, sizeof(bits));
  }
  void SetTailScale(std::vector<uint8_t>& data, float scale) const {
    std::memcpy(data.data() + data.size() - 32, &scale, sizeof(scale));
  }
};

TEST_P(CodecHostileTest, WrongSizes) {
  std::vector<uint8_t> data = shaped_.Pack(trits_, 1.0f);
  for (const size_t size : {size_t{0}, size_t{1}, data.size() - 1, data.size() - block_.bytes}) {
    const absl::Status status = Status(std::vector<uint8_t>(data.begin(), data.begin() + size), 1.0f);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr(absl::StrCat("tensor \"t\": ", GetParam().label, " [131][256]: expected ",
                                                         data.size(), " bytes, got ", size)));
  }
  data.push_back(0);
  EXPECT_TRUE(absl::IsInvalidArgument(Status(data, 1.0f)));
}

TEST_P(CodecHostileTest, WrongShapes) {
  const std::vector<uint8_t> data = shaped_.Pack(trits_, 1.0f);
  const int64_t most = std::numeric_limits<int64_t>::max();
  for (const auto& [rows, cols] : std::vector<std::pair<int64_t, int64_t>>{{0, kCols},
                                                                           {-1, kCols},
                                                                           {kRows, 0},
                                                                           {kRows, -256},
                                                                           {kRows, block_.weights / 2},
                                                                           {kRows, kCols + 1},
                                                                           {int64_t{1} << 40, int64_t{1} << 40},
                                                                           {most / 256, 512}}) {
    SCOPED_TRACE(testing::Message() << rows << "x" << cols);
    EXPECT_TRUE(absl::IsInvalidArgument(codec_.check_shape(rows, cols, {})));
    std::vector<int8_t> trits(kRows * kCols);
    EXPECT_TRUE(
        absl::IsInvalidArgument(codec_.unpack(data, rows, cols, shaped_.Params({}, 1.0f), "t", trits).status()));
    std::vector<uint8_t> out(data.size());
    EXPECT_TRUE(absl::IsInvalidArgument(codec_.pack(trits_, rows, cols, 1.0f, {}, out)));
    EXPECT_TRUE(
        absl::IsInvalidArgument(RepackToI2s(codec_, data, rows, cols, shaped_.Params({}, 1.0f), "t", out).status()));
  }
}

TEST_P(CodecHostileTest, IllegalCodesAreNamedByElement) {
  if (GetParam().layout == BlockLayout::kQ1_0) GTEST_SKIP() << "every bit is legal";
  const std::vector<uint8_t> good = shaped_.Pack(trits_, 1.0f);
  const int64_t blocks = kRows * kCols / block_.weights;
  std::mt19937 random(3);
  for (int64_t block : {int64_t{0}, blocks / 2, blocks - 1, int64_t{16384} / block_.weights}) {
    std::vector<uint8_t> data = good;
    const int byte = block_.codes_at + static_cast<int>(random() % 16 % (block_.weights / 4));
    // Four codes 3, or a byte that no five codes of TQ1_0 give.
    data[block * block_.bytes + byte] = GetParam().layout == BlockLayout::kTq1_0 ? 0x01 : 0xff;
    // The first of its weights: the next to the start of the block in all layouts.
    const bool planes = GetParam().layout != BlockLayout::kQ2_0 && GetParam().layout != BlockLayout::kI2s32 &&
                        GetParam().layout != BlockLayout::kQk256;
    const int64_t element = block * block_.weights + (planes ? byte : 4 * (byte - block_.codes_at));
    const absl::Status status = Status(data, 1.0f);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(status.message(),
                StartsWith(absl::StrCat("tensor \"t\": ", GetParam().label, " code of element ", element)));
    EXPECT_THAT(status.message(), HasSubstr(GetParam().layout == BlockLayout::kTq1_0
                                                ? absl::StrCat("(block ", block, ", byte ", byte, "): 0x01 is not")
                                                : "expected 0, 1 or 2, got 3"));
  }
}

TEST_P(CodecHostileTest, BadScalesInTheData) {
  if (codec_.scale_form == ScaleForm::kOutside) GTEST_SKIP() << "no scale in the data";
  const std::vector<uint8_t> good = shaped_.Pack(trits_, 1.0f);
  for (const float bad : {kNan, kInf, -kInf, -1.0f}) {
    if (codec_.scale_form == ScaleForm::kTail) {
      std::vector<uint8_t> data = good;
      SetTailScale(data, bad);
      const absl::Status status = Status(data);
      EXPECT_TRUE(absl::IsInvalidArgument(status));
      EXPECT_THAT(status.message(), HasSubstr(absl::StrCat("scale at byte ", data.size() - 32,
                                                           " of the tensor: expected a finite number >= 0")));
      continue;
    }
    const int64_t blocks = kRows * kCols / block_.weights;
    for (int64_t block : {int64_t{0}, int64_t{1}, blocks - 1}) {
      std::vector<uint8_t> data = good;
      SetScale(data, block, F32ToF16(bad));
      for (const std::optional<float> exact : {std::optional<float>(), std::optional<float>(1.0f)}) {
        const absl::Status status = Status(data, exact);
        EXPECT_TRUE(absl::IsInvalidArgument(status));
        EXPECT_THAT(status.message(),
                    HasSubstr(absl::StrCat("block ", block, ": scale: expected a finite number >= 0, got ")));
      }
    }
  }
}

TEST_P(CodecHostileTest, DifferentScales) {
  if (codec_.scale_form != ScaleForm::kBlockF16) GTEST_SKIP() << "one scale";
  const int64_t blocks = kRows * kCols / block_.weights;
  for (int64_t block : {int64_t{1}, blocks / 2, blocks - 1}) {
    std::vector<uint8_t> data = shaped_.Pack(trits_, 0.5f);
    SetScale(data, block, F32ToF16(0.75f));
    const absl::Status status = Status(data);
    EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr(absl::StrCat(GetParam().label, " block ", block,
                                                         ": scale: expected 0.5 as in block 0, got 0.75")));
    const absl::Status exact = Status(data, 0.5f);
    EXPECT_TRUE(absl::IsInvalidArgument(exact)) << exact;
    EXPECT_THAT(exact.message(), HasSubstr("expected 0.5, the binary16 of the exact scale 0.5 in the file's metadata"));
  }
}

TEST_P(CodecHostileTest, BlocksOfZerosMayHaveAnyScale) {
  if (codec_.scale_form != ScaleForm::kBlockF16 || !codec_.has_zero) GTEST_SKIP() << "no scale or no zero";
  const int64_t blocks = kRows * kCols / block_.weights;
  for (const std::optional<float> exact : {std::optional<float>(), std::optional<float>(0.50001f)}) {
    for (const std::vector<int64_t>& zero_blocks :
         std::vector<std::vector<int64_t>>{{0}, {0, 1}, {blocks / 2}, {blocks - 1}, {0, blocks - 1}}) {
      std::vector<int8_t> trits = trits_, again;
      for (int64_t block : zero_blocks) {
        std::fill_n(trits.begin() + block * block_.weights, block_.weights, int8_t{0});
      }
      std::vector<uint8_t> data = shaped_.Pack(trits, 0.50001f);
      for (int64_t block : zero_blocks) SetScale(data, block, F32ToF16(static_cast<float>(block) + 2));
      for (IsaSet isa : CodecIsas()) {
        const absl::StatusOr<float> scale = shaped_.Unpack(data, again, isa, exact);
        ASSERT_TRUE(scale.ok()) << scale.status();
        EXPECT_TRUE(SameBits(*scale, exact.value_or(0.5f)));
        EXPECT_EQ(again, trits);
      }
      SetScale(data, zero_blocks[0], 0x7c00);  // any scale that is one
      EXPECT_TRUE(absl::IsInvalidArgument(Status(data, exact)));
    }
  }
  // Nothing but zeros, under scales that differ: they are zeros at any scale.
  std::vector<int8_t> again;
  std::vector<uint8_t> data = shaped_.Pack(std::vector<int8_t>(trits_.size()), 2.0f);
  SetScale(data, blocks - 1, F32ToF16(3.0f));
  const absl::StatusOr<float> scale = shaped_.Unpack(data, again);
  ASSERT_TRUE(scale.ok()) << scale.status();
  EXPECT_TRUE(SameBits(*scale, 0.0f));
}

TEST_P(CodecHostileTest, MetadataThatContradicts) {
  if (codec_.scale_form == ScaleForm::kTail) GTEST_SKIP() << "metadata has no say";
  const std::vector<uint8_t> data = shaped_.Pack(trits_, 0.5f);
  for (const float bad : {kNan, kInf, -1.0f}) {
    const absl::Status status = Status(data, bad);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr("in the file's metadata: expected a finite number >= 0"));
  }
  if (codec_.scale_form == ScaleForm::kOutside) {
    EXPECT_TRUE(absl::IsFailedPrecondition(Status(data)));
    return;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(Status(data, 0.75f)));
  EXPECT_TRUE(absl::IsInvalidArgument(Status(data, 0.4995f)));  // next but one to 0.5 in binary16
  EXPECT_TRUE(absl::IsInvalidArgument(Status(data, 1e6f)));
  EXPECT_TRUE(Status(data, 0.49999f).ok()) << Status(data, 0.49999f);
}

TEST_P(CodecHostileTest, PackRefusesBadScales) {
  std::vector<uint8_t> data(shaped_.size());
  const auto pack = [&](float scale) { return codec_.pack(trits_, kRows, kCols, scale, {}, data); };
  for (const float bad : {kNan, kInf, -kInf, -1.0f}) EXPECT_TRUE(absl::IsInvalidArgument(pack(bad))) << bad;
  const bool rounds = codec_.scale_form == ScaleForm::kBlockF16;
  for (const float extreme : {65520.0f, 1e30f, 2.9e-8f, 1e-20f}) {
    EXPECT_EQ(absl::IsInvalidArgument(pack(extreme)), rounds) << extreme;
  }
  for (const float good : {65519.0f, 3.0e-8f, 0.0f, -0.0f}) EXPECT_TRUE(pack(good).ok()) << good;
}

std::vector<Format> Formats() {
  return {{"i2_s", "I2_S", BlockLayout::kI2s},       {"i2_s_64", "I2_S of 64-groups", BlockLayout::kI2s64},
          {"tq1_0", "TQ1_0", BlockLayout::kTq1_0},   {"tq2_0", "TQ2_0", BlockLayout::kTq2_0},
          {"q2_0", "Q2_0", BlockLayout::kQ2_0},      {"q1_0", "Q1_0", BlockLayout::kQ1_0},
          {"i2s_32", "I2S_32", BlockLayout::kI2s32}, {"qk256", "QK256", BlockLayout::kQk256}};
}

INSTANTIATE_TEST_SUITE_P(Formats, CodecHostileTest, testing::ValuesIn(Formats()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(CodecHostileDeathTest, WeightsThatAreNoneAreABug) {
  const ShapedCodec shaped(*FindTernaryCodec("tq2_0"), 1, 256);
  std::vector<int8_t> trits(256);
  trits[77] = 2;
  EXPECT_DEATH(shaped.Pack(trits, 1.0f), "a weight outside .*: 2 at element 77");
}

TEST(Q1_0Test, ZerosAreRefusedByPlace) {
  const TernaryCodec& codec = *FindTernaryCodec("q1_0");
  std::vector<int8_t> trits(3 * 128, 1);
  trits[2 * 128 + 5] = 0;
  std::vector<uint8_t> data(codec.size(3, 128));
  for (IsaSet isa : CodecIsas()) {
    const absl::Status status = codec.pack(trits, 3, 128, 1.0f, {.isa = isa}, data);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr("Q1_0 has no zero: weight 5 of row 2 is 0"));
  }
}

TEST(RepackTest, RowsThatTheKernelsCannotRead) {
  const ShapedCodec shaped(*FindTernaryCodec("q2_0"), 2, 192);
  const std::vector<uint8_t> data = shaped.Pack(RandomTrits(2 * 192, true, 1), 1.0f);
  std::vector<uint8_t> packed(2 * 192 / 4);
  const absl::Status status = RepackToI2s(shaped.codec(), data, 2, 192, {}, "t", packed).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("rows of a multiple of 128 weights"));
}

}  // namespace
}  // namespace bitnet
