#include "bitnet/kernels/ternary_matmul/ternary_matmul.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/recorder.h"
#include "bitnet/kernels/ternary_matmul/kernel_table.h"
#include "bitnet/kernels/ternary_matmul/reference.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"
#include "bitnet/tensor/ternary_view.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

enum class Weights { kAllPlusOne, kAllMinusOne, kAllZero, kRandom };
enum class Activations { kLowest, kHighest, kAlternating, kRandom };

uint8_t PackedByte(Weights weights, std::mt19937& rng) {
  switch (weights) {
    case Weights::kAllPlusOne:
      return 0xaa;
    case Weights::kAllMinusOne:
      return 0x00;
    case Weights::kAllZero:
      return 0x55;
    case Weights::kRandom:
      return rng() % 3 | rng() % 3 << 2 | rng() % 3 << 4 | rng() % 3 << 6;
  }
  return 0;
}

int8_t Activation(Activations activations, int64_t i, std::mt19937& rng) {
  switch (activations) {
    case Activations::kLowest:
      return -128;
    case Activations::kHighest:
      return 127;
    case Activations::kAlternating:
      return i % 2 == 0 ? 127 : -128;
    case Activations::kRandom:
      return static_cast<int8_t>(rng());
  }
  return 0;
}

// One product with its memory. The packed weights begin `misalign` bytes after an allocation, and every array ends
// where its allocation ends, so that a sanitizer sees a read or write past it.
struct Problem {
  Problem(int64_t m, int64_t k, int64_t rows, Weights weights, Activations activations, int misalign)
      : storage(m * k / 4 + misalign), q(rows * k), act_scale(rows), act_sum(rows), expected(rows * m), m(m), k(k) {
    std::mt19937 rng(static_cast<uint32_t>(m * 1000003 + k * 101 + rows));
    for (uint8_t& byte : storage) byte = PackedByte(weights, rng);
    for (size_t i = 0; i < q.size(); ++i) q[i] = Activation(activations, i, rng);
    for (int64_t row = 0; row < rows; ++row) {
      act_scale[row] = 127.0f / (0.001f + static_cast<float>(rng() % 10000));
      for (int64_t i = 0; i < k; ++i) act_sum[row] += q[row * k + i];
    }
    packed = {storage.data() + misalign, storage.size() - misalign};
    TernaryMatmulReference(Product(expected.data()));
  }

  I2sProduct Product(float* y) const {
    return {packed.data(), m, k, scale, q.data(), act_scale.data(), act_sum.data(), Rows(), y};
  }
  TernaryMatmulArgs Args(float* y) const {
    return {{packed, m, k, scale}, q.data(), act_scale.data(), act_sum.data(), Rows(), y};
  }
  int64_t Rows() const { return static_cast<int64_t>(act_scale.size()); }

  std::vector<uint8_t> storage;
  std::span<const uint8_t> packed;
  std::vector<int8_t> q;
  std::vector<float> act_scale;
  std::vector<int32_t> act_sum;
  std::vector<float> expected;
  int64_t m;
  int64_t k;
  float scale = 0.8125f + 0x1p-20f;
};

void ExpectSameBits(const std::vector<float>& expected, const std::vector<float>& got, int64_t m) {
  ASSERT_EQ(expected.size(), got.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(expected[i]), std::bit_cast<uint32_t>(got[i]))
        << "token " << i / m << " feature " << i % m << ": expected " << expected[i] << ", got " << got[i];
  }
}

void RunRange(TernaryMatmulFn function, bool gemv, I2sProduct p, int64_t begin, int64_t end) {
  if (!gemv) return function(p, begin, end);
  const int64_t rows = p.rows;
  p.rows = 1;
  for (int64_t row = 0; row < rows; ++row, p.q += p.k, ++p.act_scale, ++p.act_sum, p.y += p.m) function(p, begin, end);
}

class TernaryMatmulKernelTest : public testing::TestWithParam<KernelId> {
 protected:
  void SetUp() override {
    const KernelInfo& info = GetKernel(GetParam());
    function_ = TernaryMatmulFunction(GetParam());
    if (!DetectIsaSet().Has(info.isa)) GTEST_SKIP() << "this CPU cannot run kernel " << info.id;
    ASSERT_NE(function_, nullptr) << info.id;
    gemv_ = info.rows == RowClass::kOne;
  }
  void Check(const Problem& problem) {
    std::vector<float> y(problem.expected.size(), -7.0f);
    RunRange(function_, gemv_, problem.Product(y.data()), 0, problem.m);
    ExpectSameBits(problem.expected, y, problem.m);
  }

  TernaryMatmulFn function_ = nullptr;
  bool gemv_ = false;
};

TEST_P(TernaryMatmulKernelTest, EqualsReferenceOverShapes) {
  for (int64_t k : {128, 256, 384, 640, 1152, 2560}) {
    for (int64_t m : {1, 2, 15, 16, 17}) {
      for (int64_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17}) {
        SCOPED_TRACE(testing::Message() << "M " << m << " K " << k << " rows " << rows);
        Check(Problem(m, k, rows, Weights::kRandom, Activations::kRandom, static_cast<int>(m + k / 128 + rows) % 64));
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(TernaryMatmulKernelTest, EqualsReferenceAtModelWidths) {
  for (auto [m, k, rows] : {std::array<int64_t, 3>{640, 128, 13}, {640, 2560, 2}, {33, 6912, 7}, {130, 6912, 1}}) {
    SCOPED_TRACE(testing::Message() << "M " << m << " K " << k << " rows " << rows);
    Check(Problem(m, k, rows, Weights::kRandom, Activations::kRandom, 32));
  }
}

// Around the register tiles of the gemms (32 and 16 features, 12, 6 and 4 tokens; up to 16 tokens AVX-512 VNNI has a
// kernel without panels, up to 8 have 256-bit vectors, in strips of features) and the 8192 columns that they unpack.
TEST_P(TernaryMatmulKernelTest, EqualsReferenceAroundTiles) {
  for (auto [m, k, rows] : {std::array<int64_t, 3>{31, 256, 11},
                            {32, 384, 12},
                            {33, 384, 25},
                            {47, 640, 24},
                            {48, 128, 37},
                            {70, 8192, 19},
                            {33, 8320, 9},
                            {33, 384, 9},
                            {191, 256, 16},
                            {385, 128, 9},
                            {1100, 512, 8},
                            {33, 8320, 13},
                            {17, 16512, 19}}) {
    SCOPED_TRACE(testing::Message() << "M " << m << " K " << k << " rows " << rows);
    Check(Problem(m, k, rows, Weights::kRandom, Activations::kRandom, 5));
  }
}

// The largest sums there are: any accumulator that is too narrow, or saturates, differs here.
TEST_P(TernaryMatmulKernelTest, ExactAtExtremes) {
  for (Weights weights : {Weights::kAllPlusOne, Weights::kAllMinusOne, Weights::kAllZero, Weights::kRandom}) {
    for (Activations activations : {Activations::kLowest, Activations::kHighest, Activations::kAlternating}) {
      for (auto [m, k] : {std::pair<int64_t, int64_t>{9, 2560}, {9, 6912}, {5, 1024}, {17, 512}}) {
        SCOPED_TRACE(testing::Message() << "weights " << static_cast<int>(weights) << " activations "
                                        << static_cast<int>(activations) << " M " << m << " K " << k);
        for (int64_t rows : {4, 8, 17}) Check(Problem(m, k, rows, weights, activations, 1));
      }
    }
  }
}

// The bound that the kernels' comments prove: no overflow at the largest K that the dispatcher admits.
TEST_P(TernaryMatmulKernelTest, ExactAtLargestK) {
  for (Activations activations : {Activations::kLowest, Activations::kHighest}) {
    for (int64_t rows : {2, 17}) Check(Problem(9, kMaxTernaryK, rows, Weights::kAllPlusOne, activations, 0));
  }
}

TEST_P(TernaryMatmulKernelTest, WritesItsRangeOnly) {
  constexpr int64_t kFeatures = 400;
  for (int64_t rows : {7, 16, 17}) {
    const Problem problem(kFeatures, 256, rows, Weights::kRandom, Activations::kRandom, 3);
    for (auto [begin, end] :
         {std::pair<int64_t, int64_t>{0, 1}, {1, 50}, {7, 8}, {13, 46}, {399, 400}, {20, 20}, {3, 398}}) {
      SCOPED_TRACE(testing::Message() << "rows " << rows << " range " << begin << " to " << end);
      std::vector<float> y(problem.expected.size(), -7.0f);
      RunRange(function_, gemv_, problem.Product(y.data()), begin, end);
      std::vector<float> expected(problem.expected.size(), -7.0f);
      for (int64_t row = 0; row < problem.Rows(); ++row) {
        for (int64_t f = begin; f < end; ++f) expected[row * kFeatures + f] = problem.expected[row * kFeatures + f];
      }
      ExpectSameBits(expected, y, kFeatures);
    }
  }
}

TEST_P(TernaryMatmulKernelTest, SameBitsForEveryThreadCount) {
  IsaSet isa = IsaClosure(GetKernel(GetParam()).isa);
  for (int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    Recorder recorder;
    KernelContext ctx{pool, recorder, isa};
    for (int64_t m : {1, 16, 17, 100, 640}) {
      const int64_t rows = gemv_ ? 1 : m == 100 ? 17 : 5;
      const Problem problem(m, 384, rows, Weights::kRandom, Activations::kRandom, 0);
      std::vector<float> y(problem.expected.size(), -7.0f);
      TernaryMatmul(ctx, problem.Args(y.data()));
      ExpectSameBits(problem.expected, y, m);
    }
    EXPECT_EQ(recorder.record(GetParam()).work.calls, 5u) << GetKernel(GetParam()).id;
  }
}

TEST_P(TernaryMatmulKernelTest, SelfTestPassesWithTheOpsDigest) {
  const absl::StatusOr<Digest> digest = TernaryMatmulSelfTest(GetParam());
  ASSERT_TRUE(digest.ok()) << digest.status();
  // Of the reference's outputs, so it changes only with the cases.
  EXPECT_EQ(ToHex(*digest), "e014f14798de58d0d7631cab97e3ee141538e5d85f59061c0c1e6e0e245edf08");
}

std::vector<KernelId> Kernels() {
  std::vector<KernelId> kernels;
  for (const KernelInfo& info : KernelTable()) {
    if (info.op == Op::kTernaryMatmul) kernels.push_back(info.kernel);
  }
  return kernels;
}
INSTANTIATE_TEST_SUITE_P(All, TernaryMatmulKernelTest, testing::ValuesIn(Kernels()),
                         [](const auto& param) { return std::string(GetKernel(param.param).id); });

TEST(I2sWeightTest, FollowsTheFormat) {
  // Two rows of 128; weight j of a block: byte j % 32, bits 7-6 first.
  std::vector<uint8_t> packed(64, 0x55);
  packed[32 + 5] = 0b00'01'10'10;
  EXPECT_EQ(I2sWeight(packed.data(), 128, 0, 5), 0);
  EXPECT_EQ(I2sWeight(packed.data(), 128, 1, 5), -1);
  EXPECT_EQ(I2sWeight(packed.data(), 128, 1, 37), 0);
  EXPECT_EQ(I2sWeight(packed.data(), 128, 1, 69), 1);
  EXPECT_EQ(I2sWeight(packed.data(), 128, 1, 101), 1);
}

// Against the definition in float64: dequantized activations times dequantized weights.
TEST(TernaryMatmulReferenceTest, WithinRoundingOfFloat64) {
  const Problem p(17, 640, 3, Weights::kRandom, Activations::kRandom, 0);
  for (int64_t row = 0; row < 3; ++row) {
    for (int64_t f = 0; f < p.m; ++f) {
      double y = 0;
      for (int64_t i = 0; i < p.k; ++i) {
        y += double{p.scale} * I2sWeight(p.packed.data(), p.k, f, i) * (p.q[row * p.k + i] / double{p.act_scale[row]});
      }
      EXPECT_NEAR(p.expected[row * p.m + f], y, 1e-5 * std::fabs(y) + 1e-9) << "token " << row << " feature " << f;
    }
  }
}

// Right except that one feature of one long product loses a unit.
void BrokenGemm(const I2sProduct& p, int64_t begin, int64_t end) {
  I2sGemmScalar(p, begin, end);
  if (p.k == 6912) p.y[2] = std::bit_cast<float>(std::bit_cast<uint32_t>(p.y[2]) + 1);
}
// The bug that 16-bit sums have when they are widened too late.
void WrappingGemv(const I2sProduct& p, int64_t begin, int64_t end) {
  for (int64_t f = begin; f < end; ++f) {
    int16_t dot = 0;
    for (int64_t i = 0; i < p.k; ++i) dot += p.q[i] * I2sWeight(p.packed, p.k, f, i);
    p.y[f] = static_cast<float>(dot) * (p.weight_scale / p.act_scale[0]);
  }
}

TEST(TernaryMatmulSelfTest, NamesABrokenKernel) {
  const absl::Status gemm = CheckTernaryMatmul(KernelId::kI2sGemmAvx2, BrokenGemm).status();
  EXPECT_EQ(gemm.code(), absl::StatusCode::kInternal);
  EXPECT_NE(gemm.message().find("kernel i2s_gemm_avx2 failed"), std::string::npos) << gemm;
  EXPECT_NE(gemm.message().find("'all +1 times 127, K = 6912': y[0][2]"), std::string::npos) << gemm;
  const absl::Status gemv = CheckTernaryMatmul(KernelId::kI2sGemvScalar, WrappingGemv).status();
  EXPECT_EQ(gemv.code(), absl::StatusCode::kInternal);
  EXPECT_NE(gemv.message().find("kernel i2s_gemv_scalar failed"), std::string::npos) << gemv;
}

TEST(TernaryMatmulSelfTest, RefusesAKernelOfAnotherOp) {
  const absl::Status status = TernaryMatmulSelfTest(KernelId::kRopeF32Scalar).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("rope_f32_scalar"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
