// Every silu_mul kernel against the reference, bit for bit, and against float64.

#include "bitnet/kernels/silu_mul/silu_mul.h"

#include <bit>
#include <cmath>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/silu_mul/reference.h"
#include "bitnet/kernels/silu_mul/silu_mul_args.h"
#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"
#include "bitnet/kernels/silu_mul/silu_mul_selftest.h"
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

class SiluMulKernelTest : public KernelTest {};

TEST_P(SiluMulKernelTest, EqualsReference) {
  for (int64_t dim : {1, 7, 15, 16, 17, 31, 32, 33, 127, 640, 6912}) {
    for (int64_t rows = 1; rows <= (dim > 640 ? 2 : 9); ++rows) {
      for (Pattern pattern : kPatterns) {
        Tensors want(pattern, rows, dim), got(pattern, rows, dim);
        SiluMulReference({want.gate.data(), want.up.data(), want.out.data(), rows, dim}, 0, rows);
        FindSiluMulFn(GetParam())({got.gate.data(), got.up.data(), got.out.data(), rows, dim}, 0, rows);
        ExpectSameBits(want.out, got.out, absl::StrFormat("dim=%d rows=%d %s", dim, rows, PatternName(pattern)));
      }
    }
  }
}

TEST_P(SiluMulKernelTest, WorksInPlaceAndWritesItsRowsOnly) {
  constexpr int64_t kRows = 5, kDim = 45;
  Tensors t(Pattern::kRandom, kRows, kDim);
  std::vector<float> want = t.gate;
  SiluMulReference({want.data(), t.up.data(), want.data(), kRows, kDim}, 2, 4);
  std::vector<float> got = t.gate;
  FindSiluMulFn(GetParam())({got.data(), t.up.data(), got.data(), kRows, kDim}, 2, 4);
  EXPECT_EQ(got[2 * kDim - 1], t.gate[2 * kDim - 1]);
  EXPECT_EQ(got[4 * kDim], t.gate[4 * kDim]);
  ExpectSameBits(want, got, "rows 2..4 in place");
}

// The sign of a zero is seen by nothing but a digest, which is what receipts compare.
TEST_P(SiluMulKernelTest, ZerosKeepTheirSign) {
  for (const float zero : {0.0f, -0.0f}) {
    std::vector<float> gate(35, zero), up(35, 2.0f), out(35);
    FindSiluMulFn(GetParam())({gate.data(), up.data(), out.data(), 1, 35}, 0, 1);
    for (float value : out) EXPECT_EQ(std::bit_cast<uint32_t>(value), std::bit_cast<uint32_t>(zero));
  }
}

// Both sides of every place where the formula turns: the sign, the cutoff of Exp at -87, and arguments so large that
// the exponent's integer part does not fit the vector registers' integers.
TEST_P(SiluMulKernelTest, EqualsReferenceWhereTheFormulaTurns) {
  std::vector<float> gate;
  for (const float x : {1e-45f, 1e-38f, 0.5f, 86.99999f, 87.0f, 87.00001f, 88.0f, 127.0f, 1e9f, 3e9f, 1e20f, 3.4e38f}) {
    gate.push_back(x);
    gate.push_back(-x);
  }
  const int64_t dim = static_cast<int64_t>(gate.size());
  const std::vector<float> up(gate.size(), 0.75f);
  std::vector<float> want(gate.size()), got(gate.size());
  SiluMulReference({gate.data(), up.data(), want.data(), 1, dim}, 0, 1);
  FindSiluMulFn(GetParam())({gate.data(), up.data(), got.data(), 1, dim}, 0, 1);
  ExpectSameBits(want, got, "turning points");
}

// With u = 2^-24 the relative error of Exp is at most 1.02 * 2u. Through x * e (1 rounding) over 1 + e (1 rounding, and
// e's own error, which cannot add to that of the numerator), the quotient (1) and the product (1) that makes 2.04 + 4
// = 6.04 u. Below -87 the result is -0 where the truth is below 1.5e-36 |up|.
void ExpectNearFloat64(const std::vector<float>& gate, const std::vector<float>& up, const std::vector<float>& out) {
  for (size_t i = 0; i < out.size(); ++i) {
    const double x = static_cast<double>(gate[i]);
    const double want = x / (1 + std::exp(-x)) * static_cast<double>(up[i]);
    ASSERT_NEAR(out[i], want, std::abs(want) * 6.05 * 0x1p-24 + 1.5e-36 * std::abs(static_cast<double>(up[i])))
        << "gate " << gate[i] << " up " << up[i];
  }
}

TEST_P(SiluMulKernelTest, AgreesWithFloat64) {
  Tensors t(Pattern::kRandom, 1, 6912);
  FindSiluMulFn(GetParam())({t.gate.data(), t.up.data(), t.out.data(), 1, 6912}, 0, 1);
  ExpectNearFloat64(t.gate, t.up, t.out);
}

TEST_P(SiluMulKernelTest, AgreesWithFloat64OverTheWholeRange) {
  std::vector<float> gate;
  for (float x = -100.0f; x <= 100.0f; x += 0.0078125f) gate.push_back(x);
  const std::vector<float> up(gate.size(), 1.0f);
  std::vector<float> out(gate.size());
  FindSiluMulFn(GetParam())({gate.data(), up.data(), out.data(), 1, static_cast<int64_t>(gate.size())}, 0, 1);
  ExpectNearFloat64(gate, up, out);
}

TEST_P(SiluMulKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = SiluMulSelfTest(KernelId::kSiluMulF32Scalar);
  const absl::StatusOr<Digest> got = SiluMulSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, SiluMulKernelTest, testing::ValuesIn(KernelsOf(Op::kSiluMul)), KernelTestName);

// The textbook formula, which divides by an infinite number for strongly negative gates instead of ending at -0, and
// rounds differently elsewhere.
void Textbook(const SiluMulArgs& args, int64_t begin, int64_t end) {
  for (int64_t i = begin * args.dim; i < end * args.dim; ++i) {
    args.out[i] = args.gate[i] / (1.0f + std::exp(-args.gate[i])) * args.up[i];
  }
}

TEST(SiluMulSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckSiluMul(KernelId::kSiluMulF32Avx512, Textbook).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("silu_mul_f32_avx512"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
