// Every rms_norm kernel against the reference, bit for bit, and against float64.

#include "bitnet/kernels/rms_norm/rms_norm.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/rms_norm/reference.h"
#include "bitnet/kernels/rms_norm/rms_norm_args.h"
#include "bitnet/kernels/rms_norm/rms_norm_kernels.h"
#include "bitnet/kernels/rms_norm/rms_norm_selftest.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr float kUntouched = 12345.0f;

struct Tensors {
  Tensors(Pattern pattern, int64_t rows, int64_t dim) : x(rows * dim), weight(dim), y(rows * dim, kUntouched) {
    FillPattern(pattern, 11, x);
    FillPattern(Pattern::kRandom, 12, weight);
  }
  std::vector<float> x, weight, y;
};

class RmsNormKernelTest : public KernelTest {};

TEST_P(RmsNormKernelTest, EqualsReference) {
  for (int64_t dim : {1, 7, 31, 32, 33, 127, 640, 2560, 6912}) {
    for (int64_t rows = 1; rows <= (dim > 640 ? 2 : 9); ++rows) {
      for (Pattern pattern : kPatterns) {
        Tensors want(pattern, rows, dim), got(pattern, rows, dim);
        RmsNormReference({want.x.data(), want.weight.data(), want.y.data(), rows, dim, 1e-5f}, 0, rows);
        FindRmsNormFn(GetParam())({got.x.data(), got.weight.data(), got.y.data(), rows, dim, 1e-5f}, 0, rows);
        ExpectSameBits(want.y, got.y, absl::StrFormat("dim=%d rows=%d %s", dim, rows, PatternName(pattern)));
      }
    }
  }
}

TEST_P(RmsNormKernelTest, WorksInPlace) {
  constexpr int64_t kRows = 3, kDim = 77;
  Tensors want(Pattern::kRandom, kRows, kDim), got(Pattern::kRandom, kRows, kDim);
  RmsNormReference({want.x.data(), want.weight.data(), want.y.data(), kRows, kDim, 1e-5f}, 0, kRows);
  FindRmsNormFn(GetParam())({got.x.data(), got.weight.data(), got.x.data(), kRows, kDim, 1e-5f}, 0, kRows);
  ExpectSameBits(want.y, got.x, "in place");
}

TEST_P(RmsNormKernelTest, WritesItsRowsOnly) {
  constexpr int64_t kRows = 5, kDim = 45;
  Tensors want(Pattern::kRandom, kRows, kDim), got(Pattern::kRandom, kRows, kDim);
  RmsNormReference({want.x.data(), want.weight.data(), want.y.data(), kRows, kDim, 1e-5f}, 2, 4);
  FindRmsNormFn(GetParam())({got.x.data(), got.weight.data(), got.y.data(), kRows, kDim, 1e-5f}, 2, 4);
  EXPECT_EQ(got.y[2 * kDim - 1], kUntouched);
  EXPECT_EQ(got.y[4 * kDim], kUntouched);
  ExpectSameBits(want.y, got.y, "rows 2..4");
}

// Derived bound, u = 2^-24: the 32-lane sum of n squares is off by at most (n / 32 + 5) u, the mean and eps by 2 u
// more, all halved by the square root; sqrt, division and two products add 4 u. For n = 6912 that is 116 u = 6.9e-6,
// inside the project's 1e-5.
TEST_P(RmsNormKernelTest, AgreesWithFloat64) {
  for (int64_t dim : {33, 640, 2560, 6912}) {
    Tensors t(Pattern::kRandom, 1, dim);
    FindRmsNormFn(GetParam())({t.x.data(), t.weight.data(), t.y.data(), 1, dim, 1e-5f}, 0, 1);
    double ss = 0;
    for (float x : t.x) ss += static_cast<double>(x) * x;
    const double scale = 1.0 / std::sqrt(ss / static_cast<double>(dim) + static_cast<double>(1e-5f));
    for (int64_t i = 0; i < dim; ++i) {
      const double want = t.x[i] * scale * t.weight[i];
      ASSERT_NEAR(t.y[i], want, std::abs(want) * 1e-5) << "dim " << dim << ", element " << i;
    }
  }
}

TEST_P(RmsNormKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = RmsNormSelfTest(KernelId::kRmsNormF32Scalar);
  const absl::StatusOr<Digest> got = RmsNormSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, RmsNormKernelTest, testing::ValuesIn(KernelsOf(Op::kRmsNorm)), KernelTestName);

// A sum in plain order, the mistake that float64 comparison cannot see.
void BrokenSum(const RmsNormArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    float ss = 0;
    for (int64_t i = 0; i < args.dim; ++i) ss = std::fma(args.x[row * args.dim + i], args.x[row * args.dim + i], ss);
    const float scale = 1.0f / std::sqrt(ss / static_cast<float>(args.dim) + args.eps);
    for (int64_t i = 0; i < args.dim; ++i) {
      args.y[row * args.dim + i] = (args.x[row * args.dim + i] * scale) * args.weight[i];
    }
  }
}

TEST(RmsNormSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckRmsNorm(KernelId::kRmsNormF32Avx2, BrokenSum).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("rms_norm_f32_avx2"), std::string::npos) << status;
  EXPECT_NE(status.message().find("random"), std::string::npos) << status;
}

TEST(RmsNormKernels, RefuseTheIdOfAnotherOp) {
  EXPECT_DEATH(FindRmsNormFn(KernelId::kRopeF32Scalar), "rope_f32_scalar");
}

}  // namespace
}  // namespace bitnet
