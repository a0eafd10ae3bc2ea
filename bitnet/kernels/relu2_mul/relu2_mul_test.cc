// Every relu2_mul kernel against the reference, bit for bit, and against float64.

#include "bitnet/kernels/relu2_mul/relu2_mul.h"

#include <bit>
#include <cmath>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/relu2_mul/reference.h"
#include "bitnet/kernels/relu2_mul/relu2_mul_args.h"
#include "bitnet/kernels/relu2_mul/relu2_mul_kernels.h"
#include "bitnet/kernels/relu2_mul/relu2_mul_selftest.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr float kUntouched = 12345.0f;

struct Tensors {
  Tensors(Pattern pattern, int64_t rows, int64_t dim) : gate(rows * dim), up(rows * dim), out(rows * dim, kUntouched) {
    FillPattern(pattern, 21, gate);
    FillPattern(pattern == Pattern::kLarge ? Pattern::kAlternating : Pattern::kRandom, 22, up);
  }
  std::vector<float> gate, up, out;
};

class Relu2MulKernelTest : public KernelTest {};

TEST_P(Relu2MulKernelTest, EqualsReference) {
  for (int64_t dim : {1, 7, 15, 16, 17, 31, 32, 33, 127, 640, 6912}) {
    for (int64_t rows = 1; rows <= (dim > 640 ? 2 : 9); ++rows) {
      for (Pattern pattern : kPatterns) {
        Tensors want(pattern, rows, dim), got(pattern, rows, dim);
        Relu2MulReference({want.gate.data(), want.up.data(), want.out.data(), rows, dim}, 0, rows);
        FindRelu2MulFn(GetParam())({got.gate.data(), got.up.data(), got.out.data(), rows, dim}, 0, rows);
        ExpectSameBits(want.out, got.out, absl::StrFormat("dim=%d rows=%d %s", dim, rows, PatternName(pattern)));
      }
    }
  }
}

TEST_P(Relu2MulKernelTest, WorksInPlaceAndWritesItsRowsOnly) {
  constexpr int64_t kRows = 5, kDim = 45;
  Tensors t(Pattern::kRandom, kRows, kDim);
  std::vector<float> want = t.gate;
  Relu2MulReference({want.data(), t.up.data(), want.data(), kRows, kDim}, 2, 4);
  std::vector<float> got = t.gate;
  FindRelu2MulFn(GetParam())({got.data(), t.up.data(), got.data(), kRows, kDim}, 2, 4);
  EXPECT_EQ(got[2 * kDim - 1], t.gate[2 * kDim - 1]);
  EXPECT_EQ(got[4 * kDim], t.gate[4 * kDim]);
  ExpectSameBits(want, got, "rows 2..4 in place");
}

// The sign of a zero is seen by nothing but a digest, which is what receipts compare.
TEST_P(Relu2MulKernelTest, NegativeZeroGateGivesTheSignOfUp) {
  std::vector<float> gate(35, -0.0f), up(35, -2.0f), out(35);
  FindRelu2MulFn(GetParam())({gate.data(), up.data(), out.data(), 1, 35}, 0, 1);
  for (float value : out) EXPECT_EQ(std::bit_cast<uint32_t>(value), 0x80000000u);  // (+0 * +0) * -2
}

// Two roundings: 2 * 2^-24 relative, far inside the project's 1e-5.
TEST_P(Relu2MulKernelTest, AgreesWithFloat64) {
  Tensors t(Pattern::kRandom, 1, 6912);
  FindRelu2MulFn(GetParam())({t.gate.data(), t.up.data(), t.out.data(), 1, 6912}, 0, 1);
  for (size_t i = 0; i < t.out.size(); ++i) {
    const double r = std::fmax(t.gate[i], 0.0);
    const double want = r * r * t.up[i];
    ASSERT_NEAR(t.out[i], want, std::abs(want) * 1.2e-7) << "element " << i;
  }
}

TEST_P(Relu2MulKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = Relu2MulSelfTest(KernelId::kRelu2MulF32Scalar);
  const absl::StatusOr<Digest> got = Relu2MulSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, Relu2MulKernelTest, testing::ValuesIn(KernelsOf(Op::kRelu2Mul)), KernelTestName);

// Forgets that -0 becomes +0, which shows in the sign of zeros only.
void BrokenZero(const Relu2MulArgs& args, int64_t begin, int64_t end) {
  for (int64_t i = begin * args.dim; i < end * args.dim; ++i) {
    const float r = args.gate[i] < 0.0f ? 0.0f : args.gate[i];
    args.out[i] = r * (std::abs(r) * args.up[i]);
  }
}

TEST(Relu2MulSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckRelu2Mul(KernelId::kRelu2MulF32Avx512, BrokenZero).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("relu2_mul_f32_avx512"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
