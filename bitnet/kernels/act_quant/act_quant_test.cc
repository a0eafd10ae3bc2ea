#include "bitnet/kernels/act_quant/act_quant.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/act_quant/act_quant_kernels.h"
#include "bitnet/kernels/act_quant/kernel_table.h"
#include "bitnet/kernels/act_quant/reference.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/recorder.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr float kMax = std::numeric_limits<float>::max();

enum class Content { kZeros, kDenormals, kLargest, kAlternating, kTies, kBelowFloor, kRandom, kHeavyTail };
constexpr Content kContents[] = {Content::kZeros, Content::kDenormals,  Content::kLargest, Content::kAlternating,
                                 Content::kTies,  Content::kBelowFloor, Content::kRandom,  Content::kHeavyTail};

std::vector<float> MakeActivations(Content content, int64_t rows, int64_t dim) {
  std::mt19937 rng(static_cast<uint32_t>(dim * 16 + static_cast<int>(content)));
  std::normal_distribution<float> normal;
  std::vector<float> x(rows * dim);
  for (int64_t k = 0; k < rows * dim; ++k) {
    const int64_t i = k % dim;
    switch (content) {
      case Content::kZeros:
        x[k] = i % 2 == 0 ? 0.0f : -0.0f;
        break;
      case Content::kDenormals:
        x[k] = std::bit_cast<float>(static_cast<uint32_t>(rng() % 1000 + 1) | (i % 2 ? 0x80000000u : 0u));
        break;
      case Content::kLargest:
        x[k] = i % 3 == 0 ? -kMax : kMax;
        break;
      case Content::kAlternating:
        x[k] = i % 2 == 0 ? 1.0f : -1.0f;
        break;
      case Content::kTies:  // the scale is 1 and every other value lies between two integers
        x[k] = i == dim / 2 ? 127.0f : static_cast<float>(static_cast<int>(rng() % 253)) - 126.5f;
        break;
      case Content::kBelowFloor:
        x[k] = 0.9e-5f * std::sin(static_cast<float>(k));
        break;
      case Content::kRandom:
        x[k] = normal(rng);
        break;
      case Content::kHeavyTail:
        x[k] = std::pow(normal(rng), 5.0f);
        break;
    }
  }
  return x;
}

struct Output {
  Output(int64_t rows, int64_t dim) : q(rows * dim, 99), scale(rows, -1), sum(rows, -1) {}
  ActQuantArgs Args(const std::vector<float>& x) {
    const int64_t rows = static_cast<int64_t>(scale.size());
    return {x.data(), q.data(), scale.data(), sum.data(), rows, static_cast<int64_t>(q.size()) / rows};
  }
  std::vector<int8_t> q;
  std::vector<float> scale;
  std::vector<int32_t> sum;
};

void ExpectSame(const Output& expected, const Output& got) {
  for (size_t row = 0; row < expected.scale.size(); ++row) {
    ASSERT_EQ(std::bit_cast<uint32_t>(expected.scale[row]), std::bit_cast<uint32_t>(got.scale[row])) << "row " << row;
    ASSERT_EQ(expected.sum[row], got.sum[row]) << "row " << row;
  }
  ASSERT_EQ(expected.q, got.q);
}

class ActQuantKernelTest : public testing::TestWithParam<KernelId> {
 protected:
  void SetUp() override {
    const KernelInfo& info = GetKernel(GetParam());
    function_ = ActQuantFunction(GetParam());
    if (!DetectIsaSet().Has(info.isa)) GTEST_SKIP() << "this CPU cannot run kernel " << info.id;
    ASSERT_NE(function_, nullptr) << info.id;
  }
  ActQuantFn function_ = nullptr;
};

TEST_P(ActQuantKernelTest, EqualsReference) {
  for (int64_t dim : {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 640, 2560, 6912}) {
    for (int64_t rows : {1, 2, 3, 5, 9}) {
      for (Content content : kContents) {
        SCOPED_TRACE(testing::Message() << "rows " << rows << " dim " << dim << " content "
                                        << static_cast<int>(content));
        const std::vector<float> x = MakeActivations(content, rows, dim);
        Output expected(rows, dim), got(rows, dim);
        ActQuantReference(expected.Args(x));
        function_(got.Args(x), 0, rows);
        ExpectSame(expected, got);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(ActQuantKernelTest, WritesItsRowsOnly) {
  const std::vector<float> x = MakeActivations(Content::kRandom, 7, 100);
  Output expected(7, 100), got(7, 100);
  ActQuantReference(expected.Args(x));
  function_(got.Args(x), 2, 5);
  for (int64_t row = 0; row < 7; ++row) {
    const bool written = row >= 2 && row < 5;
    EXPECT_EQ(got.scale[row], written ? expected.scale[row] : -1.0f);
    EXPECT_EQ(got.sum[row], written ? expected.sum[row] : -1);
    for (int64_t i = row * 100; i < (row + 1) * 100; ++i) EXPECT_EQ(got.q[i], written ? expected.q[i] : 99);
  }
}

// A NaN must not get lost in the maximum: the dispatcher's check needs to see it.
TEST_P(ActQuantKernelTest, NotANumberAndInfinityLeaveNoScale) {
  for (int64_t dim : {1, 16, 33, 100}) {
    for (float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                      -std::numeric_limits<float>::infinity()}) {
      for (int64_t at = 0; at < dim; ++at) {
        std::vector<float> x(dim, 1.0f);
        x[at] = bad;
        Output out(1, dim);
        function_(out.Args(x), 0, 1);
        ASSERT_FALSE(out.scale[0] > 0) << bad << " at " << at << " of " << dim;
      }
    }
  }
}

TEST_P(ActQuantKernelTest, SameBitsForEveryThreadCount) {
  for (int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    Recorder recorder;
    KernelContext ctx{pool, recorder, IsaClosure(GetKernel(GetParam()).isa)};
    for (int64_t rows : {1, 2, 7, 33}) {
      const std::vector<float> x = MakeActivations(Content::kHeavyTail, rows, 300);
      Output expected(rows, 300), got(rows, 300);
      ActQuantReference(expected.Args(x));
      ASSERT_TRUE(ActQuant(ctx, got.Args(x)).ok());
      ExpectSame(expected, got);
    }
    EXPECT_EQ(recorder.record(GetParam()).work.calls, 4u) << GetKernel(GetParam()).id;
  }
}

TEST_P(ActQuantKernelTest, SelfTestPassesWithTheOpsDigest) {
  const absl::StatusOr<Digest> digest = ActQuantSelfTest(GetParam());
  ASSERT_TRUE(digest.ok()) << digest.status();
  // Of the reference's outputs, so it changes only with the cases.
  EXPECT_EQ(ToHex(*digest), "6a97f2a90abdc344a75ec3dcd4ce9482ca0c04163664717a6bf9396f11aa7905");
}

std::vector<KernelId> Kernels() {
  std::vector<KernelId> kernels;
  for (const KernelInfo& info : KernelTable()) {
    if (info.op == Op::kActQuant) kernels.push_back(info.kernel);
  }
  return kernels;
}
INSTANTIATE_TEST_SUITE_P(All, ActQuantKernelTest, testing::ValuesIn(Kernels()),
                         [](const auto& param) { return std::string(GetKernel(param.param).id); });

TEST(ActQuantReferenceTest, RoundsTiesToEvenAndFloorsTheAbsmax) {
  const std::vector<float> x = {127.0f, 0.5f, 1.5f, -0.5f, -1.5f, -2.5f, 2.5f, -126.5f};
  Output out(1, 8);
  ActQuantReference(out.Args(x));
  EXPECT_EQ(out.scale[0], 1.0f);
  EXPECT_EQ(out.q, (std::vector<int8_t>{127, 0, 2, 0, -2, -2, 2, -126}));
  EXPECT_EQ(out.sum[0], 1);
  const std::vector<float> tiny = {1e-6f, -1e-6f};
  Output floored(1, 2);
  ActQuantReference(floored.Args(tiny));
  EXPECT_EQ(floored.scale[0], 127.0f / 1e-5f);
  EXPECT_EQ(floored.q, (std::vector<int8_t>{13, -13}));
}

// Against float64: the quantized value is the nearest integer, up to what one f32 rounding of x * s can move.
TEST(ActQuantReferenceTest, WithinRoundingOfFloat64) {
  const std::vector<float> x = MakeActivations(Content::kHeavyTail, 4, 2560);
  Output out(4, 2560);
  ActQuantReference(out.Args(x));
  for (int64_t row = 0; row < 4; ++row) {
    double absmax = 0;
    for (int64_t i = 0; i < 2560; ++i) absmax = std::max(absmax, std::fabs(double{x[row * 2560 + i]}));
    EXPECT_NEAR(out.scale[row], 127.0 / absmax, 1e-5 * 127.0 / absmax);
    for (int64_t i = 0; i < 2560; ++i) {
      // |x * s| <= 127, two roundings of 2^-24 each: below 2e-5.
      EXPECT_LE(std::fabs(out.q[row * 2560 + i] - x[row * 2560 + i] * (127.0 / absmax)), 0.5 + 2e-5);
    }
  }
}

// Rounds half away from zero: differs at ties only.
void HalfAwayFromZero(const ActQuantArgs& args, int64_t begin, int64_t end) {
  ActQuantI8Scalar(args, begin, end);
  for (int64_t row = begin; row < end; ++row) {
    args.sum[row] = 0;
    for (int64_t i = 0; i < args.dim; ++i) {
      const float code = std::round(args.x[row * args.dim + i] * args.scale[row]);
      args.q[row * args.dim + i] = static_cast<int8_t>(code);
      args.sum[row] += static_cast<int32_t>(code);
    }
  }
}

TEST(ActQuantSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckActQuant(KernelId::kActQuantI8Avx512, HalfAwayFromZero).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("kernel act_quant_i8_avx512 failed"), std::string::npos) << status;
  EXPECT_NE(status.message().find("'ties to even, 255'"), std::string::npos) << status;
}

TEST(ActQuantSelfTest, RefusesAKernelOfAnotherOp) {
  const absl::Status status = ActQuantSelfTest(KernelId::kRopeF32Scalar).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("rope_f32_scalar"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
