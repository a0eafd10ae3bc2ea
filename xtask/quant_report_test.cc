#include "xtask/quant_report.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/codec.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class QuantReportTest : public testing::Test {
 protected:
  static QuantReportOptions Options() {
    QuantReportOptions options;
    options.isa = DetectIsaSet();
    return options;
  }
  // Made once for all tests.
  static const std::vector<QuantReportRow>& Rows() {
    static const auto* rows = new std::vector<QuantReportRow>(*MakeQuantReport(Options()));
    return *rows;
  }
  const QuantReportRow& Row(std::string_view format, WeightPattern weights, QuantizeMethod method) const {
    for (const QuantReportRow& row : rows_) {
      if (row.format == format && row.weights == weights && row.method == method) return row;
    }
    ADD_FAILURE() << "no row of " << format;
    return rows_.front();
  }
  const QuantReportOptions options_ = Options();
  const std::vector<QuantReportRow>& rows_ = Rows();
};

TEST_F(QuantReportTest, TernaryWeightsComeBackFromEveryFormat) {
  EXPECT_EQ(rows_.size(), 5 * TernaryCodecs().size());
  for (const TernaryCodec& codec : TernaryCodecs()) {
    const WeightPattern weights = codec.has_zero ? WeightPattern::kTernary : WeightPattern::kBinary;
    const QuantReportRow& row = Row(codec.name, weights, QuantizeMethod::kAbsmax);
    EXPECT_EQ(row.trits, 256u * 2560u);
    EXPECT_EQ(row.trits_exact, row.trits) << codec.name;
    EXPECT_EQ(row.scale, kPatternScale);
    EXPECT_TRUE(row.scale_exact) << codec.name;
    EXPECT_TRUE(row.error.identical) << codec.name;
  }
  EXPECT_TRUE(QuantReportHolds(rows_));
}

TEST_F(QuantReportTest, GaussianErrorIsThatOfTheory) {
  // A normal w of deviation 1, scale a = E|w| = sqrt(2 / pi), trits +-1 beyond t = a / 2:
  //   E (w - a q)^2 = 1 - 2 a E(|w|; |w| > t) + a^2 P(|w| > t),  E(|w|; |w| > t) = a exp(-t^2 / 2)
  const double a = std::sqrt(2 / std::acos(-1.0)), t = a / 2;
  const double beyond = std::erfc(t / std::sqrt(2));
  const double noise = 1 - 2 * a * a * std::exp(-t * t / 2) + a * a * beyond;
  for (const TernaryCodec& codec : TernaryCodecs()) {
    if (!codec.has_zero) continue;
    const QuantReportRow& row = Row(codec.name, WeightPattern::kGaussian, QuantizeMethod::kAbsmean);
    EXPECT_TRUE(row.exact()) << codec.name;
    EXPECT_FALSE(row.error.identical);
    // 655360 samples: a standard error of 0.002 and less.
    EXPECT_NEAR(row.error.relative_error, std::sqrt(noise), 0.005) << codec.name;
    EXPECT_NEAR(row.error.snr_db, -10 * std::log10(noise), 0.05);
    EXPECT_NEAR(static_cast<double>(row.error.zeros) / static_cast<double>(row.trits), 1 - beyond, 0.005);
    EXPECT_GT(Row(codec.name, WeightPattern::kGaussian, QuantizeMethod::kAbsmax).error.relative_error, 0.9);
  }
}

TEST_F(QuantReportTest, ScalesAndSizesAreThoseOfTheFormats) {
  const double tail = 256.0 / (256 * 2560);  // 32 bytes for the matrix
  const std::map<std::string_view, double> bits = {{"i2_s", 2 + tail}, {"i2_s_64", 2 + tail}, {"tl1", 2 + tail},
                                                   {"tq1_0", 1.6875},  {"tq2_0", 2.0625},     {"q2_0", 2.25},
                                                   {"q1_0", 1.125},    {"i2s_32", 2.5},       {"qk256", 2}};
  for (const TernaryCodec& codec : TernaryCodecs()) {
    const WeightPattern weights = codec.has_zero ? WeightPattern::kTernary : WeightPattern::kBinary;
    const QuantReportRow& row = Row(codec.name, weights, QuantizeMethod::kAbsmax);
    if (bits.contains(codec.name)) {
      EXPECT_DOUBLE_EQ(row.bits_per_weight, bits.at(codec.name)) << codec.name;
    } else {
      EXPECT_EQ(codec.name, "tl2");
      EXPECT_LT(row.bits_per_weight, 1.75);
    }
    EXPECT_EQ(row.scale_stored.has_value(), codec.scale_form != ScaleForm::kOutside) << codec.name;
    if (codec.scale_form == ScaleForm::kTail) {
      EXPECT_EQ(row.scale_stored, kPatternScale);
    }
    if (codec.scale_form == ScaleForm::kBlockF16) {
      EXPECT_NE(*row.scale_stored, kPatternScale);
      EXPECT_NEAR(*row.scale_stored, kPatternScale, kPatternScale * 0x1p-11f);
    }
  }
}

TEST_F(QuantReportTest, AFormatWithoutZerosSaysSo) {
  EXPECT_THAT(Row("q1_0", WeightPattern::kGaussian, QuantizeMethod::kAbsmean).refusal,
              HasSubstr("as a trit is 0, and q1_0 holds -1 and +1 only"));
  EXPECT_THAT(QuantReportTable(rows_), HasSubstr("| q1_0 | binary | absmax | 100 % | yes |"));
}

TEST_F(QuantReportTest, WhatDoesNotComeBackIsSeen) {
  for (int spoil = 0; spoil < 5; ++spoil) {
    std::vector<QuantReportRow> rows = rows_;
    if (spoil == 0) rows[0].trits_exact -= 1;
    if (spoil == 1) rows[0].scale_exact = false;
    if (spoil == 2) rows[0].error.identical = false;
    if (spoil == 3) rows[0].refusal = "no room";
    if (spoil == 4) rows[1].trits_exact -= 1;
    EXPECT_FALSE(QuantReportHolds(rows)) << spoil;
  }
  std::vector<QuantReportRow> rows = rows_;
  rows[0].trits_exact -= 1;
  EXPECT_THAT(QuantReportTable(rows), HasSubstr("| 99.9998 % |"));
}

TEST_F(QuantReportTest, DoesNotDependOnTheInstructionSet) {
  QuantReportOptions scalar = options_;
  scalar.isa = {Isa::kScalar};
  EXPECT_EQ(QuantReportJson(options_, *MakeQuantReport(scalar)), QuantReportJson(options_, rows_));
}

TEST_F(QuantReportTest, JsonHasEveryRowAndNoInfinities) {
  const std::string text = QuantReportJson(options_, rows_);
  EXPECT_THAT(text, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf\""))));
  const absl::StatusOr<JsonValue> parsed = ParseJsonText(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->Find("holds")->bool_value());
  const JsonValue::Array& rows = parsed->Find("formats")->array();
  ASSERT_EQ(rows.size(), rows_.size());
  EXPECT_EQ(rows[0].Find("format")->string(), "i2_s");
  EXPECT_TRUE(rows[0].Find("identical")->bool_value());
  EXPECT_TRUE(rows[0].Find("snr_db")->is_null());
  EXPECT_EQ(rows[1].Find("relative_error")->double_value(), rows_[1].error.relative_error);
}

TEST(QuantReportRefusalTest, UnknownFormatsAndShapesThatDoNotFit) {
  QuantReportOptions options;
  options.isa = {Isa::kScalar};
  options.formats = {"tq3_0"};
  absl::Status status = MakeQuantReport(options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("unknown format \"tq3_0\"; known: i2_s, "));
  for (const char* format : {"tq2_0", "tl1", "tl2"}) {
    options.formats = {format};
    options.rows = 3;
    options.cols = 100;
    status = MakeQuantReport(options).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), testing::StartsWith(format));
  }
}

}  // namespace
}  // namespace bitnet::xtask
