// Every codec: float weights in and out, whatever the chunks.

#include "bitnet/quant/quantize_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/tl_tiling.h"
#include "bitnet/quant/weight_pattern.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

constexpr char kName[] = "blk.0.attn_q.weight";

// One chunk; several, the last one shorter; rows that are longer than a chunk.
enum Shape { kSmall, kChunks, kLongRows };

class QuantizeMatrixTest : public testing::TestWithParam<const TernaryCodec*> {
 protected:
  const TernaryCodec& codec() const { return *GetParam(); }
  bool NeedsTiling() const { return codec().type == TensorType::kTl1 || codec().type == TensorType::kTl2; }

  // Parameters for a shape; the tiling lives as long as the fixture.
  CodecParams Params(int64_t rows, int64_t cols, Isa isa) {
    CodecParams params;
    params.isa = IsaClosure(isa);
    if (NeedsTiling()) {
      tiling_ = codec().type == TensorType::kTl1 ? DefaultTl1Tiling(rows, cols) : DefaultTl2Tiling(rows, cols);
      EXPECT_TRUE(tiling_.has_value());
      params.tiling = &*tiling_;
    }
    return params;
  }
  // What the file's metadata adds for a reader.
  void GiveScale(CodecParams& params, float scale) const {
    if (codec().scale_form == ScaleForm::kTail) return;
    params.exact_scale = scale;
    params.has_exact_scale = true;
  }
  // TL1 and TL2 have tiles of at least 32 rows.
  std::pair<int64_t, int64_t> ShapeOf(Shape shape) const {
    if (shape == kSmall) return {NeedsTiling() ? 32 : 1, 256};
    if (shape == kChunks) return {NeedsTiling() ? 96 : 90, 1024};
    return {NeedsTiling() ? 32 : 2, 17408};
  }
  WeightPattern Ternary() const { return codec().has_zero ? WeightPattern::kTernary : WeightPattern::kBinary; }

  static std::vector<float> Weights(WeightPattern pattern, int64_t n) {
    std::vector<float> values(static_cast<size_t>(n));
    FillPattern(pattern, 7, values);
    return values;
  }

  std::optional<TlTiling> tiling_;
};

TEST_P(QuantizeMatrixTest, IsPackOfTheTritsForEveryChunkAndInstructionSet) {
  for (const Shape shape : {kSmall, kChunks, kLongRows}) {
    const auto [rows, cols] = ShapeOf(shape);
    for (const WeightPattern pattern : {Ternary(), WeightPattern::kGaussian}) {
      if (pattern == WeightPattern::kGaussian && !codec().has_zero) continue;
      const QuantizeMethod method =
          pattern == WeightPattern::kGaussian ? QuantizeMethod::kAbsmean : QuantizeMethod::kAbsmax;
      const std::vector<float> values = Weights(pattern, rows * cols);
      std::vector<int8_t> trits(values.size());
      const absl::StatusOr<float> scale = QuantizeToTrits(values, method, {Isa::kScalar}, trits);
      ASSERT_TRUE(scale.ok());
      std::vector<uint8_t> expected(codec().size(rows, cols));
      ASSERT_TRUE(codec().pack(trits, rows, cols, *scale, Params(rows, cols, Isa::kScalar), expected).ok());
      std::vector<float> back(values.size());
      for (size_t i = 0; i < back.size(); ++i) back[i] = *scale * static_cast<float>(trits[i]);
      for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni}) {
        if (!DetectIsaSet().Has(isa)) continue;
        CodecParams params = Params(rows, cols, isa);
        std::vector<uint8_t> data(expected.size(), 0xee);
        const absl::StatusOr<float> got = Quantize(codec(), values, rows, cols, method, params, data);
        ASSERT_TRUE(got.ok()) << got.status();
        EXPECT_EQ(*got, *scale);
        EXPECT_EQ(data, expected) << IsaName(isa) << ", " << rows << " x " << cols;

        GiveScale(params, *scale);
        std::vector<float> read(values.size(), 5.0f);
        const absl::StatusOr<float> read_scale = Dequantize(codec(), data, rows, cols, params, kName, read);
        ASSERT_TRUE(read_scale.ok()) << read_scale.status();
        EXPECT_EQ(*read_scale, *scale);
        EXPECT_EQ(std::memcmp(read.data(), back.data(), read.size() * sizeof(float)), 0) << IsaName(isa);

        const absl::StatusOr<QuantizationError> error =
            MeasureQuantization(codec(), values, data, rows, cols, params, kName);
        ASSERT_TRUE(error.ok()) << error.status();
        EXPECT_EQ(error->elements, values.size());
        EXPECT_EQ(error->zeros, std::count(trits.begin(), trits.end(), 0));
        EXPECT_EQ(error->identical, pattern == Ternary());
        QuantizationErrorSum sum({Isa::kScalar});
        sum.Add(values, back);
        EXPECT_EQ(error->relative_error, sum.Finish().relative_error);
      }
    }
  }
}

TEST_P(QuantizeMatrixTest, BlocksAloneGiveTheRoundedScale) {
  if (codec().scale_form != ScaleForm::kBlockF16) GTEST_SKIP() << "no scale in blocks";
  const auto [rows, cols] = ShapeOf(kChunks);
  const std::vector<float> values = Weights(Ternary(), rows * cols);
  const CodecParams params = Params(rows, cols, Isa::kScalar);
  std::vector<uint8_t> data(codec().size(rows, cols));
  ASSERT_TRUE(Quantize(codec(), values, rows, cols, QuantizeMethod::kAbsmax, params, data).ok());
  std::vector<float> read(values.size());
  const absl::StatusOr<float> scale = Dequantize(codec(), data, rows, cols, params, kName, read);
  ASSERT_TRUE(scale.ok()) << scale.status();
  EXPECT_EQ(*scale, F16ToF32(F32ToF16(kPatternScale)));
  EXPECT_NE(*scale, kPatternScale);
  const QuantizationError error = *MeasureQuantization(codec(), values, data, rows, cols, params, kName);
  EXPECT_FALSE(error.identical);
  EXPECT_LT(error.relative_error, 0x1p-11);
}

TEST_P(QuantizeMatrixTest, ChunksOfZerosDoNotHideTheScale) {
  if (!codec().has_zero) GTEST_SKIP() << "no zeros";
  const auto [rows, cols] = ShapeOf(kChunks);
  for (const int64_t at : {int64_t{0}, rows * cols / 2, rows * cols - 1}) {
    std::vector<float> values(static_cast<size_t>(rows * cols)), read(values.size());
    values[static_cast<size_t>(at)] = -kPatternScale;
    CodecParams params = Params(rows, cols, Isa::kScalar);
    std::vector<uint8_t> data(codec().size(rows, cols));
    ASSERT_TRUE(Quantize(codec(), values, rows, cols, QuantizeMethod::kAbsmax, params, data).ok());
    GiveScale(params, kPatternScale);
    const absl::StatusOr<float> scale = Dequantize(codec(), data, rows, cols, params, kName, read);
    ASSERT_TRUE(scale.ok()) << scale.status();
    EXPECT_EQ(*scale, kPatternScale) << at;
    EXPECT_EQ(read, values);
  }
}

TEST_P(QuantizeMatrixTest, ErrorsNameTheElementOfTheMatrix) {
  const auto [rows, cols] = ShapeOf(kChunks);
  const CodecParams params = Params(rows, cols, Isa::kScalar);
  std::vector<float> values = Weights(WeightPattern::kBinary, rows * cols);
  std::vector<uint8_t> data(codec().size(rows, cols));
  values[90000] = std::numeric_limits<float>::quiet_NaN();
  absl::Status status = Quantize(codec(), values, rows, cols, QuantizeMethod::kAbsmax, params, data).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("element 90000: expected a finite number"));
  values[90000] = 0;
  status = Quantize(codec(), values, rows, cols, QuantizeMethod::kAbsmax, params, data).status();
  if (codec().has_zero) {
    EXPECT_TRUE(status.ok()) << status;
  } else {
    EXPECT_THAT(status.message(), HasSubstr("element 90000: 0 as a trit is 0, and q1_0 holds -1 and +1 only"));
  }
  EXPECT_FALSE(Quantize(codec(), values, rows * cols, 1, QuantizeMethod::kAbsmax, params, data).ok());
  EXPECT_FALSE(Dequantize(codec(), data, rows * cols, 1, params, kName, values).ok());
}

TEST_P(QuantizeMatrixTest, DamagedDataHasTheErrorsOfTheWholeMatrix) {
  const auto [rows, cols] = ShapeOf(kChunks);
  CodecParams params = Params(rows, cols, Isa::kScalar);
  const std::vector<float> values = Weights(Ternary(), rows * cols);
  std::vector<uint8_t> data(codec().size(rows, cols));
  const absl::StatusOr<float> scale = Quantize(codec(), values, rows, cols, QuantizeMethod::kAbsmax, params, data);
  ASSERT_TRUE(scale.ok()) << scale.status();
  GiveScale(params, *scale);
  std::vector<float> read(values.size());
  std::vector<int8_t> trits(values.size());
  const auto expect_same = [&](std::span<const uint8_t> bytes) {
    const absl::Status whole = codec().unpack(bytes, rows, cols, params, kName, trits).status();
    EXPECT_EQ(Dequantize(codec(), bytes, rows, cols, params, kName, read).status(), whole);
    EXPECT_EQ(MeasureQuantization(codec(), values, bytes, rows, cols, params, kName).status(), whole);
    return whole.code();
  };
  EXPECT_EQ(expect_same(std::span(data).first(data.size() - 1)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(expect_same({}), absl::StatusCode::kInvalidArgument);
  // Bytes of the last chunk set to 0xff: an illegal code, a bad scale, or in some formats nothing wrong at all.
  for (const size_t at : {data.size() * 9 / 10, data.size() - 1, data.size() - 2, data.size() - 32}) {
    std::vector<uint8_t> damaged = data;
    damaged[at] = 0xff;
    expect_same(damaged);
  }
}

TEST_P(QuantizeMatrixTest, HalvesAreReadInChunks) {
  const auto [rows, cols] = ShapeOf(kLongRows);
  std::vector<float> values = Weights(Ternary(), rows * cols);
  std::vector<uint8_t> halves(2 * values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]) & 0xffff0000;
    values[i] = std::bit_cast<float>(bits);
    halves[2 * i] = static_cast<uint8_t>(bits >> 16);
    halves[2 * i + 1] = static_cast<uint8_t>(bits >> 24);
  }
  const CodecParams params = Params(rows, cols, Isa::kScalar);
  std::vector<uint8_t> expected(codec().size(rows, cols)), data(expected.size());
  ASSERT_TRUE(Quantize(codec(), values, rows, cols, QuantizeMethod::kAbsmax, params, expected).ok());
  const FloatView view = *FloatView::FromBytes(TensorType::kBf16, halves);
  ASSERT_TRUE(Quantize(codec(), view, rows, cols, QuantizeMethod::kAbsmax, params, data).ok());
  EXPECT_EQ(data, expected);
}

std::vector<const TernaryCodec*> Codecs() {
  std::vector<const TernaryCodec*> codecs;
  for (const TernaryCodec& codec : TernaryCodecs()) codecs.push_back(&codec);
  return codecs;
}

INSTANTIATE_TEST_SUITE_P(Codecs, QuantizeMatrixTest, testing::ValuesIn(Codecs()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace bitnet
