// The table of codecs, and that no way through them loses a bit.

#include "bitnet/quant/codec.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/f16.h"
#include "bitnet/quant/codec_testing.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/quant/i2s_testing.h"
#include "bitnet/tensor/tensor_type.h"
#include "bitnet/tensor/ternary_formats.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

struct Shape {
  int64_t rows, cols;
};

// Fits every format, tiled ones too; then odd row counts, one block, and more than two of the pieces in which blocks
// are read.
constexpr Shape kShapes[] = {{64, 768}, {1, 256}, {3, 512}, {7, 256}, {131, 256}, {5, 1280}};

// None of the middle ones is a binary16, and all of them have one to be rounded to.
constexpr float kScales[] = {0.0f, -0.0f, 1.0f, 0.3712345f, 1.2345678e-4f, 3.1e-8f, 65503.97f};

TEST(CodecTableTest, NamesAndTypes) {
  std::set<std::string_view> names;
  std::vector<std::string_view> documented;
  for (const TernaryFormat& format : kTernaryFormats) documented.push_back(format.name);
  std::vector<std::string_view> order;
  for (const TernaryCodec& codec : TernaryCodecs()) {
    SCOPED_TRACE(codec.name);
    order.push_back(codec.name);
    EXPECT_TRUE(names.insert(codec.name).second);
    EXPECT_EQ(FindTernaryCodec(codec.name), &codec);
    ASSERT_NE(TernaryCodecOfType(codec.type), nullptr);
    EXPECT_EQ(TernaryCodecOfType(codec.type)->type, codec.type);
  }
  EXPECT_EQ(order, documented);
  EXPECT_EQ(TernaryCodecOfType(TensorType::kI2S)->name, "i2_s");
  EXPECT_EQ(TernaryCodecOfType(TensorType::kF16), nullptr);
  EXPECT_EQ(FindTernaryCodec("i2s"), nullptr);
  EXPECT_EQ(FindTernaryCodec(""), nullptr);
}

// The directory of a file and the codec must agree on where a tensor ends.
TEST(CodecTableTest, SizesAreThoseOfTheTensorTypes) {
  for (const TernaryCodec& codec : TernaryCodecs()) {
    SCOPED_TRACE(codec.name);
    int fitting = 0;
    for (const auto& [rows, cols] : kShapes) {
      const ShapedCodec shaped(codec, rows, cols);
      if (!shaped.Fits()) continue;
      ++fitting;
      const absl::StatusOr<uint64_t> bytes = TensorSizeInBytes(codec.type, rows * cols, cols);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      EXPECT_EQ(codec.size(rows, cols), *bytes);
      EXPECT_EQ(cols % codec.col_multiple, 0);
    }
    EXPECT_GE(fitting, 1);
    EXPECT_TRUE(absl::IsInvalidArgument(codec.check_shape(64, codec.col_multiple * 7 + 1, {})));
  }
}

struct Pair {
  const TernaryCodec* from;
  const TernaryCodec* to;
};

class CodecPairTest : public testing::TestWithParam<Pair> {};

// X -> trits -> Y -> trits -> X: the bytes and the bits of the scale are the same, whichever instruction sets do it.
TEST_P(CodecPairTest, ThereAndBackIsTheSameBytes) {
  const auto [from_codec, to_codec] = GetParam();
  const bool zeros = from_codec->has_zero && to_codec->has_zero;
  const std::vector<IsaSet> isas = CodecIsas();
  int fitting = 0;
  for (const auto& [rows, cols] : kShapes) {
    const ShapedCodec from(*from_codec, rows, cols), to(*to_codec, rows, cols);
    if (!from.Fits() || !to.Fits()) continue;
    ++fitting;
    const std::vector<int8_t> trits = RandomTrits(rows * cols, zeros, static_cast<uint32_t>(rows + cols));
    for (size_t i = 0; i < std::size(kScales); ++i) {
      const float scale = kScales[i];
      SCOPED_TRACE(testing::Message() << rows << "x" << cols << " scale " << scale);
      const IsaSet there = isas[i % isas.size()], back = isas[(i + 1) % isas.size()];
      const std::vector<uint8_t> data = from.Pack(trits, scale, there);
      std::vector<int8_t> middle, end;
      const absl::StatusOr<float> first = from.Unpack(data, middle, back, scale);
      ASSERT_TRUE(first.ok()) << first.status();
      ASSERT_EQ(middle, trits);
      const std::vector<uint8_t> other = to.Pack(middle, *first, back);
      const absl::StatusOr<float> second = to.Unpack(other, end, there, *first);
      ASSERT_TRUE(second.ok()) << second.status();
      ASSERT_TRUE(SameBits(*second, scale));
      ASSERT_EQ(end, trits);
      ASSERT_EQ(from.Pack(end, *second, there), data);
    }
  }
  EXPECT_GE(fitting, 1);
}

std::vector<Pair> Pairs() {
  std::vector<Pair> pairs;
  for (const TernaryCodec& from : TernaryCodecs()) {
    for (const TernaryCodec& to : TernaryCodecs()) pairs.push_back({&from, &to});
  }
  return pairs;
}

std::string PairName(const testing::TestParamInfo<Pair>& info) {
  return std::string(info.param.from->name) + "_to_" + std::string(info.param.to->name);
}

INSTANTIATE_TEST_SUITE_P(All, CodecPairTest, testing::ValuesIn(Pairs()), PairName);

class CodecTest : public testing::TestWithParam<const TernaryCodec*> {
 protected:
  const TernaryCodec& codec_ = *GetParam();
};

// A scale that is not negative, whichever way it says so: of zeros, and with and without the metadata.
TEST_P(CodecTest, ZerosOfScaleMinusZero) {
  EXPECT_TRUE(CheckCodecScale(codec_, -0.0f).ok());
  if (!codec_.has_zero) return;
  const ShapedCodec shaped(codec_, 64, 768);
  const std::vector<int8_t> zeros(64 * 768, 0);
  const std::vector<uint8_t> data = shaped.Pack(zeros, -0.0f);
  for (IsaSet isa : CodecIsas()) {
    std::vector<int8_t> again;
    absl::StatusOr<float> scale = shaped.Unpack(data, again, isa, -0.0f);
    ASSERT_TRUE(scale.ok()) << scale.status();
    EXPECT_TRUE(SameBits(*scale, -0.0f));
    EXPECT_EQ(again, zeros);
    if (codec_.scale_form == ScaleForm::kOutside) continue;
    scale = shaped.Unpack(data, again, isa);
    ASSERT_TRUE(scale.ok()) << scale.status();
    EXPECT_TRUE(SameBits(*scale, -0.0f));
  }
}

TEST_P(CodecTest, CheckCodecScaleSaysWhatPackSays) {
  const ShapedCodec shaped(codec_, 64, 768);
  const std::vector<int8_t> trits = RandomTrits(64 * 768, codec_.has_zero, 8);
  std::vector<uint8_t> data(shaped.size());
  for (const float scale : {-1.0f, 65504.0f, 65520.0f, 1e30f, 3e-8f, 1e-20f, std::nanf(""), HUGE_VALF}) {
    EXPECT_EQ(codec_.pack(trits, 64, 768, scale, shaped.Params({Isa::kScalar}), data).code(),
              CheckCodecScale(codec_, scale).code())
        << scale;
  }
}

TEST_P(CodecTest, EveryInstructionSetWritesTheSameBytes) {
  for (const auto& [rows, cols] : kShapes) {
    const ShapedCodec shaped(codec_, rows, cols);
    if (!shaped.Fits()) continue;
    const std::vector<int8_t> trits = RandomTrits(rows * cols, codec_.has_zero, 5);
    const std::vector<uint8_t> data = shaped.Pack(trits, 0.25f);
    for (IsaSet isa : CodecIsas()) {
      ASSERT_EQ(shaped.Pack(trits, 0.25f, isa), data);
      std::vector<int8_t> again;
      const absl::StatusOr<float> scale = shaped.Unpack(data, again, isa, 0.25f);
      ASSERT_TRUE(scale.ok()) << scale.status();
      ASSERT_EQ(again, trits);
    }
  }
}

TEST_P(CodecTest, RepackGivesTheCodesOfI2s) {
  for (const auto& [rows, cols] : kShapes) {
    const ShapedCodec shaped(codec_, rows, cols);
    if (!shaped.Fits()) continue;
    const std::vector<int8_t> trits = RandomTrits(rows * cols, codec_.has_zero, 6);
    std::vector<uint8_t> expected(trits.size() / 4), packed(expected.size());
    PackI2s(trits, expected);
    const std::vector<uint8_t> data = shaped.Pack(trits, 0.3712345f);
    for (IsaSet isa : CodecIsas()) {
      std::fill(packed.begin(), packed.end(), uint8_t{0xff});
      const CodecParams params = shaped.Params(isa, 0.3712345f);
      const absl::StatusOr<float> scale = RepackToI2s(codec_, data, rows, cols, params, "t", packed);
      ASSERT_TRUE(scale.ok()) << scale.status();
      EXPECT_TRUE(SameBits(*scale, 0.3712345f));
      ASSERT_EQ(packed, expected);
    }
  }
}

// What a reader without metadata gets: the scale itself, or its rounding.
TEST_P(CodecTest, ScaleWithoutMetadata) {
  const ShapedCodec shaped(codec_, 64, 768);
  ASSERT_TRUE(shaped.Fits());
  for (bool zeros_only : {false, true}) {
    if (zeros_only && !codec_.has_zero) continue;
    std::vector<int8_t> trits = RandomTrits(shaped.elements(), codec_.has_zero, 7), again;
    if (zeros_only) std::fill(trits.begin(), trits.end(), int8_t{0});
    for (const float scale : kScales) {
      const absl::StatusOr<float> read = shaped.Unpack(shaped.Pack(trits, scale), again);
      if (codec_.scale_form == ScaleForm::kOutside) {
        EXPECT_TRUE(absl::IsFailedPrecondition(read.status())) << read.status();
        continue;
      }
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_TRUE(SameBits(*read, codec_.scale_form == ScaleForm::kTail ? scale : F16ToF32(F32ToF16(scale))));
      EXPECT_EQ(again, trits);
    }
  }
}

// The published layout: the scale and zeros after the codes.
TEST_P(CodecTest, TailIsTheScaleAndZeros) {
  if (codec_.scale_form != ScaleForm::kTail) GTEST_SKIP() << "no tail";
  const ShapedCodec shaped(codec_, 64, 768);
  ASSERT_TRUE(shaped.Fits());
  const std::vector<uint8_t> data = shaped.Pack(RandomTrits(shaped.elements(), true, 8), 0.3712345f);
  uint8_t tail[kI2sTailBytes] = {};
  const float scale = 0.3712345f;
  std::memcpy(tail, &scale, sizeof(scale));
  EXPECT_EQ(std::memcmp(data.data() + data.size() - kI2sTailBytes, tail, sizeof(tail)), 0);
}

std::vector<const TernaryCodec*> Codecs() {
  std::vector<const TernaryCodec*> codecs;
  for (const TernaryCodec& codec : TernaryCodecs()) codecs.push_back(&codec);
  return codecs;
}

INSTANTIATE_TEST_SUITE_P(All, CodecTest, testing::ValuesIn(Codecs()),
                         [](const auto& info) { return std::string(info.param->name); });

// The 64-group layout as the program for Arm lays it down, one weight at a time.
TEST(I2s64Test, FollowsTheFormula) {
  const ShapedCodec shaped(*FindTernaryCodec("i2_s_64"), 3, 192);
  const std::vector<int8_t> trits = RandomTrits(shaped.elements(), true, 9);
  std::vector<uint8_t> expected(trits.size() / 4);
  for (size_t i = 0; i < trits.size() / 64; ++i) {
    for (size_t j = 0; j < 64; ++j) {
      const int shift = 6 - 2 * static_cast<int>(j / 16);
      expected[i * 16 + j % 16] = static_cast<uint8_t>(expected[i * 16 + j % 16] | (trits[i * 64 + j] + 1) << shift);
    }
  }
  const std::vector<uint8_t> data = shaped.Pack(trits, 1.0f);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), data.begin()));
  EXPECT_EQ(data.size(), expected.size() + 32);
}

}  // namespace
}  // namespace bitnet
