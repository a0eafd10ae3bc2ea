// Every rope kernel against the reference, bit for bit, and against a float64 rotation.

#include "bitnet/kernels/rope/rope.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/rope/reference.h"
#include "bitnet/kernels/rope/rope_args.h"
#include "bitnet/kernels/rope/rope_kernels.h"
#include "bitnet/kernels/rope/rope_selftest.h"
#include "bitnet/kernels/rope/rope_table.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kFirst = 3;

std::vector<float> Filled(Pattern pattern, int64_t size) {
  std::vector<float> values(size);
  FillPattern(pattern, 51, values);
  return values;
}

class RopeKernelTest : public KernelTest {};

TEST_P(RopeKernelTest, EqualsReference) {
  for (int64_t head_dim : {2, 14, 16, 30, 32, 34, 62, 64, 66, 128}) {
    const RopeTable table = RopeTable::Create(head_dim, 500000.0, 16);
    for (int64_t rows = 1; rows <= 9; ++rows) {
      for (int64_t heads : {1, 3, 5}) {
        for (Pattern pattern : kPatterns) {
          std::vector<float> want = Filled(pattern, rows * heads * head_dim);
          std::vector<float> got = want;
          const auto args = [&](std::vector<float>& x) {
            return RopeKernelArgs{x.data(), heads, head_dim, table.cosines(kFirst), table.sines(kFirst)};
          };
          RopeReference(args(want), 0, rows);
          FindRopeFn(GetParam())(args(got), 0, rows);
          ExpectSameBits(
              want, got,
              absl::StrFormat("head_dim=%d heads=%d rows=%d %s", head_dim, heads, rows, PatternName(pattern)));
        }
      }
    }
  }
}

TEST_P(RopeKernelTest, WritesItsRowsOnly) {
  constexpr int64_t kRows = 5, kHeads = 2, kHeadDim = 34;
  const RopeTable table = RopeTable::Create(kHeadDim, 10000.0, kRows + 1);
  const std::vector<float> before = Filled(Pattern::kRandom, kRows * kHeads * kHeadDim);
  std::vector<float> x = before;
  FindRopeFn(GetParam())({x.data(), kHeads, kHeadDim, table.cosines(1), table.sines(1)}, 2, 4);
  for (int64_t i = 0; i < kRows; ++i) {
    const bool changed = x[i * kHeads * kHeadDim] != before[i * kHeads * kHeadDim];
    EXPECT_EQ(changed, i == 2 || i == 3) << "row " << i;
  }
}

// The pair keeps its length; error: two products, one sum and two table roundings, each 2^-24 of |(a, b)|, which is
// under 1e-5 of it with room to spare. (Relative to one element there is no bound: a c - b s may cancel.)
TEST_P(RopeKernelTest, AgreesWithFloat64) {
  constexpr int64_t kHeads = 20, kHeadDim = 128, kHalf = kHeadDim / 2;
  const RopeTable table = RopeTable::Create(kHeadDim, 500000.0, 4096);
  for (int64_t position : {0, 1, 511, 4095}) {
    const std::vector<float> before = Filled(Pattern::kRandom, kHeads * kHeadDim);
    std::vector<float> x = before;
    FindRopeFn(GetParam())({x.data(), kHeads, kHeadDim, table.cosines(position), table.sines(position)}, 0, 1);
    for (int64_t head = 0; head < kHeads; ++head) {
      for (int64_t i = 0; i < kHalf; ++i) {
        const double angle = position * std::pow(500000.0, -2.0 * i / kHeadDim);
        const double a = before[head * kHeadDim + i], b = before[head * kHeadDim + i + kHalf];
        const double bound = 1e-6 * std::hypot(a, b);
        ASSERT_NEAR(x[head * kHeadDim + i], a * std::cos(angle) - b * std::sin(angle), bound);
        ASSERT_NEAR(x[head * kHeadDim + i + kHalf], b * std::cos(angle) + a * std::sin(angle), bound);
      }
    }
  }
}

TEST_P(RopeKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = RopeSelfTest(KernelId::kRopeF32Scalar);
  const absl::StatusOr<Digest> got = RopeSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, RopeKernelTest, testing::ValuesIn(KernelsOf(Op::kRope)), KernelTestName);

// Contracts a product and a sum into one fma, as a compiler would without -ffp-contract=off.
void BrokenFma(const RopeKernelArgs& args, int64_t begin, int64_t end) {
  const int64_t half = args.head_dim / 2;
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t i = 0; i < args.heads * half; ++i) {
      float& x0 = args.x[row * args.heads * args.head_dim + i / half * args.head_dim + i % half];
      float& x1 = *(&x0 + half);
      const float c = args.cosines[row * half + i % half], s = args.sines[row * half + i % half];
      const float a = x0, b = x1;
      x0 = std::fma(a, c, -(b * s));
      x1 = std::fma(b, c, a * s);
    }
  }
}

TEST(RopeSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckRope(KernelId::kRopeF32Avx2, BrokenFma).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("rope_f32_avx2"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
