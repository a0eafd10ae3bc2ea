#include "verify/independent/product_check.h"

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/philox.h"
#include "gtest/gtest.h"
#include "verify/independent/testing_gguf.h"

namespace bitnet::verify::independent {
namespace {

TEST(RecoverIntegersTest, EveryIntegerComesBackAndNoOther) {
  for (const float quotient : {1.0f, 0.1f, 3.3333333e-7f, -0.07f, 1e30f, std::numeric_limits<float>::min(),
                               std::nextafter(1.0f, 2.0f), std::nextafter(1.0f, 0.0f), 1.9999999f}) {
    const int32_t limit = quotient > 1e29f ? 1000 : 1 << 23;
    std::vector<float> y;
    std::vector<int32_t> expected;
    for (int32_t z = -limit; z <= limit; z += z > -limit + 70000 && z < limit - 70000 ? 997 : 1) {
      expected.push_back(z);
      y.push_back(static_cast<float>(z) * quotient);
    }
    std::vector<int32_t> z(y.size());
    EXPECT_EQ(RecoverIntegers(y, quotient, limit, z), y.size()) << quotient;
    EXPECT_EQ(z, expected) << quotient;
  }
}

TEST(RecoverIntegersTest, WhatIsNoMultipleIsFound) {
  const float quotient = 0.0371f;
  for (const float wrong :
       {0.5f * quotient, std::nextafter(3 * quotient, 1.0f), std::nextafter(3 * quotient, 0.0f), 1e30f, -1e30f,
        std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), 101 * quotient,
        -101 * quotient, std::numeric_limits<float>::denorm_min(), -0.0f}) {
    const std::vector<float> y = {0.0f, 7 * quotient, wrong, 2 * quotient};
    std::vector<int32_t> z(y.size());
    EXPECT_EQ(RecoverIntegers(y, quotient, 100, z), 2u) << wrong;
  }
}

class ProductCheckTest : public testing::Test {
 protected:
  ProductCheckTest() : pool_(3), bytes_(SmallModel().Encode()) {
    auto model = ReadModel(bytes_, pool_);
    CHECK(model.ok()) << model.status();
    model_ = *std::move(model);
  }

  // Honest products of random rows.
  struct Rows {
    std::vector<int8_t> x;
    std::vector<float> scales;
    std::vector<float> y;
    ProductRequest request;
  };
  Rows Make(int64_t layer, Product product, int64_t rows) {
    Rows made;
    const TernaryMatrix& matrix = model_.layers[static_cast<size_t>(layer)].Of(product);
    for (int64_t i = 0; i < rows * matrix.cols; ++i) {
      made.x.push_back(static_cast<int8_t>(static_cast<int>(PhiloxAt(4, 4, static_cast<uint64_t>(i))[0] % 255) - 127));
    }
    for (int64_t row = 0; row < rows; ++row) made.scales.push_back(20.0f + static_cast<float>(row) * 0.37f);
    made.y.resize(static_cast<size_t>(rows * matrix.rows));
    made.request = {
        .first_position = 0, .rows = rows, .layer = layer, .product = product, .x = made.x, .scales = made.scales};
    PlainProducts source(model_, BestLoops(), pool_);
    CHECK(source.Multiply(made.request, made.y).ok());
    return made;
  }

  ThreadPool pool_;
  std::vector<uint8_t> bytes_;
  Model model_;
};

TEST_F(ProductCheckTest, PlainProductsAreTheDefinition) {
  const Rows rows = Make(1, Product::kDown, 3);
  const TernaryMatrix& matrix = model_.layers[1].Of(Product::kDown);
  for (int64_t row = 0; row < 3; ++row) {
    for (int64_t output = 0; output < matrix.rows; ++output) {
      int32_t sum = 0;
      for (int64_t col = 0; col < matrix.cols; ++col) {
        sum += Trit(matrix, output, col) * rows.x[static_cast<size_t>(row * matrix.cols + col)];
      }
      const float expected = static_cast<float>(sum) * (matrix.scale / rows.scales[static_cast<size_t>(row)]);
      ASSERT_EQ(rows.y[static_cast<size_t>(row * matrix.rows + output)], expected);
    }
  }
}

TEST_F(ProductCheckTest, HonestRowsPassAndTheFirstWrongOneIsNamed) {
  const auto checker = ProductChecker::Draw(model_, BestLoops(), pool_);
  ASSERT_TRUE(checker.ok()) << checker.status();
  for (int64_t layer = 0; layer < 2; ++layer) {
    for (size_t index = 0; index < kProducts; ++index) {
      const Product product = static_cast<Product>(index);
      Rows rows = Make(layer, product, 7);
      ProductChecker::Verdict verdict = checker->Check(rows.request, rows.y);
      EXPECT_EQ(verdict.fault, "") << ProductName(product);
      EXPECT_EQ(verdict.good_rows, 7);
      EXPECT_EQ(verdict.tested, 7u);
      EXPECT_EQ(verdict.recomputed, 0u);

      const TernaryMatrix& matrix = model_.layers[static_cast<size_t>(layer)].Of(product);
      const float quotient = matrix.scale / rows.scales[4];
      float& output = rows.y[static_cast<size_t>(4 * matrix.rows + matrix.rows / 2)];
      const float honest = output;
      output = static_cast<float>(std::lround(honest / quotient) + 1) * quotient;  // the next product
      verdict = checker->Check(rows.request, rows.y);
      EXPECT_EQ(verdict.good_rows, 4);
      EXPECT_EQ(verdict.tested, 5u);
      EXPECT_NE(verdict.fault.find("Freivalds"), std::string::npos) << verdict.fault;
      output = std::nextafter(honest, 100.0f);  // no product at all
      verdict = checker->Check(rows.request, rows.y);
      EXPECT_EQ(verdict.good_rows, 4);
      EXPECT_NE(verdict.fault.find(absl::StrCat("output ", matrix.rows / 2, " is ")), std::string::npos)
          << verdict.fault;
    }
  }
}

// Where the quotient is no normal number, many integers give one float: all outputs are computed instead.
TEST_F(ProductCheckTest, TinyScalesAreComputedAgain) {
  model_.layers[0].products[0].scale = 1e-39f;
  const auto checker = ProductChecker::Draw(model_, BestLoops(), pool_);
  ASSERT_TRUE(checker.ok()) << checker.status();
  Rows rows = Make(0, Product::kQ, 2);
  ProductChecker::Verdict verdict = checker->Check(rows.request, rows.y);
  EXPECT_EQ(verdict.fault, "");
  EXPECT_EQ(verdict.recomputed, 2u);
  EXPECT_EQ(verdict.tested, 0u);
  rows.y[300] = std::bit_cast<float>(std::bit_cast<uint32_t>(rows.y[300]) ^ 1);
  verdict = checker->Check(rows.request, rows.y);
  EXPECT_EQ(verdict.good_rows, 1);
  EXPECT_NE(verdict.fault.find("output 44 is"), std::string::npos) << verdict.fault;
}

}  // namespace
}  // namespace bitnet::verify::independent
