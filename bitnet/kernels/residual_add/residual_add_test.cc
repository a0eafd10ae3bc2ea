// Every residual_add kernel against the reference, bit for bit: one rounding, so it is also the float64 answer.

#include "bitnet/kernels/residual_add/residual_add.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/residual_add/reference.h"
#include "bitnet/kernels/residual_add/residual_add_args.h"
#include "bitnet/kernels/residual_add/residual_add_kernels.h"
#include "bitnet/kernels/residual_add/residual_add_selftest.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

std::vector<float> Filled(Pattern pattern, uint64_t seed, int64_t size) {
  std::vector<float> values(size);
  FillPattern(pattern, seed, values);
  return values;
}

class ResidualAddKernelTest : public KernelTest {};

TEST_P(ResidualAddKernelTest, EqualsReference) {
  for (int64_t dim : {1, 7, 15, 16, 17, 31, 32, 33, 127, 640, 2560}) {
    for (int64_t rows = 1; rows <= (dim > 640 ? 2 : 9); ++rows) {
      for (Pattern pattern : kPatterns) {
        const std::vector<float> y = Filled(pattern, 32, rows * dim);
        std::vector<float> want = Filled(pattern, 31, rows * dim);
        std::vector<float> got = want;
        ResidualAddReference({want.data(), y.data(), rows, dim}, 0, rows);
        FindResidualAddFn(GetParam())({got.data(), y.data(), rows, dim}, 0, rows);
        ExpectSameBits(want, got, absl::StrFormat("dim=%d rows=%d %s", dim, rows, PatternName(pattern)));
      }
    }
  }
}

TEST_P(ResidualAddKernelTest, WritesItsRowsOnly) {
  constexpr int64_t kRows = 5, kDim = 45;
  const std::vector<float> before = Filled(Pattern::kRandom, 33, kRows * kDim);
  const std::vector<float> y(kRows * kDim, 1.0f);
  std::vector<float> x = before;
  FindResidualAddFn(GetParam())({x.data(), y.data(), kRows, kDim}, 2, 4);
  for (int64_t i = 0; i < kRows * kDim; ++i) {
    const bool inside = i >= 2 * kDim && i < 4 * kDim;
    ASSERT_EQ(x[i], inside ? before[i] + 1.0f : before[i]) << "element " << i;
  }
}

TEST_P(ResidualAddKernelTest, IsTheRoundedFloat64Sum) {
  const std::vector<float> y = Filled(Pattern::kRandom, 35, 2560);
  const std::vector<float> before = Filled(Pattern::kRandom, 34, 2560);
  std::vector<float> x = before;
  FindResidualAddFn(GetParam())({x.data(), y.data(), 1, 2560}, 0, 1);
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(x[i], static_cast<float>(static_cast<double>(before[i]) + y[i])) << "element " << i;
  }
}

TEST_P(ResidualAddKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = ResidualAddSelfTest(KernelId::kResidualAddF32Scalar);
  const absl::StatusOr<Digest> got = ResidualAddSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, ResidualAddKernelTest, testing::ValuesIn(KernelsOf(Op::kResidualAdd)),
                         KernelTestName);

// Misses the tail after the last full vector.
void BrokenTail(const ResidualAddArgs& args, int64_t begin, int64_t end) {
  const int64_t last = begin * args.dim + (end - begin) * args.dim / 16 * 16;
  for (int64_t i = begin * args.dim; i < last; ++i) args.x[i] += args.y[i];
}

TEST(ResidualAddSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckResidualAdd(KernelId::kResidualAddF32Avx512, BrokenTail).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("residual_add_f32_avx512"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
