#include "bitnet/quant/quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/philox.h"
#include "bitnet/quant/float_view.h"
#include "bitnet/quant/quantization_error.h"
#include "bitnet/tensor/tensor_type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kDenormal = std::numeric_limits<float>::denorm_min();

// Sets that this CPU has, widest last.
std::vector<IsaSet> Sets() {
  std::vector<IsaSet> sets;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (DetectIsaSet().Has(isa)) sets.push_back(IsaClosure(isa));
  }
  return sets;
}

std::vector<int8_t> RandomTrits(size_t n, uint64_t seed) {
  std::vector<int8_t> trits(n);
  for (size_t i = 0; i < n; ++i) trits[i] = static_cast<int8_t>(PhiloxAt(seed, 1, i)[0] % 3) - 1;
  return trits;
}

std::vector<float> Uniform(size_t n, uint64_t seed) {
  std::vector<float> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = static_cast<float>(PhiloxAt(seed, 2, i)[0]) * 0x1p-31f - 1.0f;
  return values;
}

TEST(QuantizeTest, AbsmaxGivesTernaryWeightsBackExactly) {
  for (const IsaSet isa : Sets()) {
    for (const float scale : {1.0f, 0.37f, 1e-5f, 3e-39f, kDenormal, std::numeric_limits<float>::max()}) {
      for (const size_t n : {1, 2, 100, 5000, 12345}) {
        std::vector<int8_t> trits = RandomTrits(n, n);
        trits[n / 2] = -1;
        std::vector<float> values(n), back(n);
        for (size_t i = 0; i < n; ++i) values[i] = static_cast<float>(trits[i]) * scale;
        std::vector<int8_t> got(n, 99);
        const absl::StatusOr<float> found = QuantizeToTrits(values, QuantizeMethod::kAbsmax, isa, got);
        ASSERT_TRUE(found.ok()) << found.status();
        EXPECT_EQ(*found, scale);
        EXPECT_EQ(got, trits);
        EXPECT_EQ(TernaryScale(values, isa).value_or(-1), scale);
        DequantizeTrits(got, *found, isa, back);
        EXPECT_EQ(back, values);
      }
    }
  }
}

TEST(QuantizeTest, AbsmeanIsTheDocumentedFormula) {
  // Mean of |w| 0.5 exactly; the quotients 0.5 and 1.5 tie to 0 and 2.
  const std::vector<float> values = {0.25f, -0.25f, 0.75f, -0.75f, 0.25078125f, -0.24921875f, 1.0f, -0.5f};
  const std::vector<int8_t> expected = {0, 0, 1, -1, 1, 0, 1, -1};
  for (const IsaSet isa : Sets()) {
    std::vector<int8_t> trits(values.size());
    EXPECT_EQ(*QuantizeToTrits(values, QuantizeMethod::kAbsmean, isa, trits), 0.5f);
    EXPECT_EQ(trits, expected);
  }
}

TEST(QuantizeTest, AbsmeanHasAFloorAndAbsmaxHasNone) {
  const std::vector<float> small = {1e-6f, -4e-6f, 5.1e-6f, 0.0f};
  for (const IsaSet isa : Sets()) {
    std::vector<int8_t> trits(4);
    EXPECT_EQ(*QuantizeToTrits(small, QuantizeMethod::kAbsmean, isa, trits), 1e-5f);
    EXPECT_EQ(trits, (std::vector<int8_t>{0, 0, 1, 0}));
    EXPECT_EQ(*QuantizeToTrits(small, QuantizeMethod::kAbsmax, isa, trits), 5.1e-6f);
    EXPECT_EQ(trits, (std::vector<int8_t>{0, -1, 1, 0}));
    const std::vector<float> zeros = {0.0f, -0.0f};
    EXPECT_EQ(*QuantizationScale(zeros, QuantizeMethod::kAbsmean, isa), 1e-5f);
    EXPECT_EQ(*QuantizeToTrits(zeros, QuantizeMethod::kAbsmax, isa, std::span(trits).first(2)), 0.0f);
    EXPECT_EQ(trits[0], 0);
    EXPECT_EQ(trits[1], 0);
    EXPECT_EQ(*QuantizationScale(std::span<const float>(), QuantizeMethod::kAbsmean, isa), 0.0f);
  }
}

TEST(QuantizeTest, OneScaleForEveryInstructionSetAndSourceType) {
  for (const size_t n : {1, 31, 4095, 4096, 4097, 100001}) {
    // Values that BF16 holds, at an odd address in BF16 and F32.
    std::vector<float> values = Uniform(n, n);
    std::vector<uint8_t> halves(2 * n + 1), singles(4 * n + 1);
    for (size_t i = 0; i < n; ++i) {
      const uint32_t bits = std::bit_cast<uint32_t>(values[i]) & 0xffff0000;
      values[i] = std::bit_cast<float>(bits);
      std::memcpy(halves.data() + 1 + 2 * i, reinterpret_cast<const uint8_t*>(&bits) + 2, 2);
      std::memcpy(singles.data() + 1 + 4 * i, &bits, 4);
    }
    double sum = 0;
    for (const float value : values) sum += std::fabs(static_cast<double>(value));
    const float scale = *QuantizationScale(values, QuantizeMethod::kAbsmean, {Isa::kScalar});
    EXPECT_NEAR(scale, sum / static_cast<double>(n), 1e-7);
    std::vector<int8_t> expected(n), trits(n);
    ASSERT_TRUE(QuantizeToTrits(values, QuantizeMethod::kAbsmean, {Isa::kScalar}, expected).ok());
    for (const IsaSet isa : Sets()) {
      for (const FloatView& view :
           {FloatView(values), *FloatView::FromBytes(TensorType::kBf16, std::span(halves).subspan(1)),
            *FloatView::FromBytes(TensorType::kF32, std::span(singles).subspan(1))}) {
        EXPECT_EQ(*QuantizeToTrits(view, QuantizeMethod::kAbsmean, isa, trits), scale) << n;
        EXPECT_EQ(trits, expected);
      }
    }
  }
}

TEST(QuantizeTest, WhatIsNotFiniteIsNamed) {
  for (const IsaSet isa : Sets()) {
    for (const float bad : {kNan, -kNan, kInf, -kInf}) {
      for (const size_t at : {0, 4095, 4096, 9999}) {
        std::vector<float> values(10000, 0.5f);
        values[at] = bad;
        std::vector<int8_t> trits(values.size());
        for (const QuantizeMethod method : {QuantizeMethod::kAbsmax, QuantizeMethod::kAbsmean}) {
          const absl::Status status = QuantizeToTrits(values, method, isa, trits).status();
          EXPECT_TRUE(absl::IsInvalidArgument(status));
          EXPECT_THAT(status.message(),
                      HasSubstr("element " + std::to_string(at) + ": expected a finite number, got "));
        }
        EXPECT_FALSE(TernaryScale(values, isa).ok());
      }
    }
    const std::vector<float> infinities(64, kInf);
    EXPECT_THAT(TernaryScale(infinities, isa).status().message(), HasSubstr("element 0: expected a finite number"));
  }
}

TEST(QuantizeTest, TernaryScaleNamesTheFirstOtherValue) {
  for (const IsaSet isa : Sets()) {
    std::vector<float> values(9000, 0.0f);
    EXPECT_EQ(TernaryScale(values, isa).value_or(-1), 0.0f);
    values[1] = -0.0f;
    values[5000] = -0.25f;  // in the second block
    values[8999] = 0.25f;
    EXPECT_EQ(TernaryScale(values, isa).value_or(-1), 0.25f);
    values[7000] = std::nextafter(0.25f, 1.0f);
    EXPECT_FALSE(TernaryScale(values, isa).ok());
    const absl::Status status = TernaryScale(values, isa).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(),
                HasSubstr("not ternary: element 7000: expected 0, -0.25 or 0.25 as before it, got 0.25"));
    values[7000] = kDenormal;
    EXPECT_FALSE(TernaryScale(values, isa).ok());
    EXPECT_EQ(TernaryScale(std::span<const float>(), isa).value_or(-1), 0.0f);
  }
}

TEST(QuantizeTest, MethodsHaveNames) {
  for (const QuantizeMethod method : {QuantizeMethod::kAbsmax, QuantizeMethod::kAbsmean}) {
    EXPECT_EQ(*ParseQuantizeMethod(QuantizeMethodName(method)), method);
  }
  EXPECT_THAT(ParseQuantizeMethod("minmax").status().message(),
              HasSubstr("expected absmax or absmean, got \"minmax\""));
}

TEST(FloatViewTest, ReadsPartsOfEveryType) {
  const std::vector<float> values = {0.0f, -1.5f, 65504.0f, 0x1p-24f, 2.0f};
  std::vector<uint8_t> f16, bf16;
  for (const float value : values) {
    const F16 half = F32ToF16(value);
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    f16.insert(f16.end(), {static_cast<uint8_t>(half), static_cast<uint8_t>(half >> 8)});
    bf16.insert(bf16.end(), {static_cast<uint8_t>(bits >> 16), static_cast<uint8_t>(bits >> 24)});
  }
  const FloatView f32_view(values), f16_view = *FloatView::FromBytes(TensorType::kF16, f16),
                                    bf16_view = *FloatView::FromBytes(TensorType::kBf16, bf16);
  EXPECT_TRUE(f32_view.InPlace());
  EXPECT_FALSE(f16_view.InPlace());
  std::vector<float> scratch(3);
  for (const FloatView& view : {f32_view, f16_view}) {
    ASSERT_EQ(view.size(), 5u);
    const auto part = view.Read(1, 3, {Isa::kScalar}, scratch);
    EXPECT_EQ(std::vector<float>(part.begin(), part.end()), (std::vector<float>{-1.5f, 65504.0f, 0x1p-24f}));
    EXPECT_EQ(view.At(4), 2.0f);
  }
  EXPECT_EQ(bf16_view.At(1), -1.5f);
  EXPECT_EQ(f32_view.Read(5, 0, {Isa::kScalar}, {}).size(), 0u);
}

TEST(FloatViewTest, OtherTypesAndHalvesOfValuesAreRefused) {
  const std::vector<uint8_t> bytes(6);
  EXPECT_THAT(FloatView::FromBytes(TensorType::kI2S, bytes).status().message(), HasSubstr("expected F32, F16 or BF16"));
  EXPECT_THAT(FloatView::FromBytes(TensorType::kF32, bytes).status().message(),
              HasSubstr("expected a multiple of 4 bytes, got 6"));
}

TEST(FloatViewDeathTest, BeyondTheEnd) {
  const std::vector<float> values(4);
  EXPECT_DEATH(FloatView(values).Read(3, 2, {Isa::kScalar}, {}), "");
  EXPECT_DEATH(FloatView(values).Read(5, 0, {Isa::kScalar}, {}), "");
}

QuantizationError ErrorOf(const std::vector<float>& original, const std::vector<float>& stored,
                          IsaSet isa = {Isa::kScalar}) {
  QuantizationErrorSum sum(isa);
  sum.Add(original, stored);
  return sum.Finish();
}

TEST(QuantizationErrorTest, IsTheDocumentedFormula) {
  const QuantizationError error = ErrorOf({3.0f, 4.0f, 0.0f}, {3.0f, 3.0f, 0.0f});
  EXPECT_EQ(error.elements, 3u);
  EXPECT_EQ(error.zeros, 1u);
  EXPECT_FALSE(error.identical);
  EXPECT_DOUBLE_EQ(error.relative_error, 0.2);  // sqrt(1 / 25)
  EXPECT_NEAR(error.snr_db, 10 * std::log10(25.0), 1e-12);
  EXPECT_DOUBLE_EQ(error.cosine, 21 / (5 * std::sqrt(18.0)));
  EXPECT_EQ(error.max_abs, 1.0);
}

TEST(QuantizationErrorTest, NoFieldIsEverNan) {
  const double infinity = std::numeric_limits<double>::infinity();
  const float most = std::numeric_limits<float>::max();
  for (const auto& same : {std::vector<float>{}, {0.0f, -0.0f}, {1.0f, -2.0f}, {most, -most}, {kDenormal}}) {
    const QuantizationError error = ErrorOf(same, same);
    EXPECT_TRUE(error.identical);
    EXPECT_EQ(error.relative_error, 0);
    EXPECT_EQ(error.snr_db, infinity);
    EXPECT_EQ(error.cosine, 1);
    EXPECT_EQ(error.max_abs, 0);
  }
  const QuantizationError made_up = ErrorOf({0.0f, 0.0f}, {0.0f, kDenormal});
  EXPECT_FALSE(made_up.identical);
  EXPECT_EQ(made_up.relative_error, infinity);
  EXPECT_EQ(made_up.snr_db, -infinity);
  EXPECT_EQ(made_up.cosine, 0);
  const QuantizationError lost = ErrorOf({most, kDenormal}, {0.0f, 0.0f});
  EXPECT_EQ(lost.relative_error, 1);
  EXPECT_EQ(lost.snr_db, 0);
  EXPECT_EQ(lost.cosine, 0);
  EXPECT_EQ(lost.zeros, 2u);
  const QuantizationError huge = ErrorOf({most, -most}, {-most, most});
  EXPECT_DOUBLE_EQ(huge.relative_error, 2);
  EXPECT_DOUBLE_EQ(huge.cosine, -1);
  EXPECT_DOUBLE_EQ(huge.max_abs, 2 * static_cast<double>(most));
}

TEST(QuantizationErrorTest, DoesNotDependOnInstructionSetOrCuts) {
  const std::vector<float> original = Uniform(10007, 1);
  std::vector<float> stored = Uniform(10007, 2);
  for (size_t i = 0; i < stored.size(); i += 3) stored[i] = 0;
  const QuantizationError whole = ErrorOf(original, stored);
  EXPECT_EQ(whole.zeros, 3336u);
  for (const IsaSet isa : Sets()) {
    for (const size_t step : {1, 5, 8, 13, 4096, 10007}) {
      QuantizationErrorSum sum(isa);
      for (size_t at = 0; at < original.size(); at += step) {
        const size_t n = std::min(step, original.size() - at);
        sum.Add(std::span(original).subspan(at, n), std::span(stored).subspan(at, n));
      }
      const QuantizationError error = sum.Finish();
      EXPECT_EQ(error.relative_error, whole.relative_error) << step;
      EXPECT_EQ(error.snr_db, whole.snr_db);
      EXPECT_EQ(error.cosine, whole.cosine);
      EXPECT_EQ(error.max_abs, whole.max_abs);
      EXPECT_EQ(error.zeros, whole.zeros);
      EXPECT_EQ(error.elements, whole.elements);
    }
  }
}

}  // namespace
}  // namespace bitnet
