// Every argmax kernel against the reference, and the sampler against its reference on a fully sorted vocabulary.

#include "bitnet/kernels/sample/sample.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/sample/argmax_kernels.h"
#include "bitnet/kernels/sample/reference.h"
#include "bitnet/kernels/sample/sample_selftest.h"
#include "bitnet/sampling/sampler.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kSizes[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 4095, 4096, 4097, 8200};

class ArgmaxKernelTest : public KernelTest {};

TEST_P(ArgmaxKernelTest, EqualsReference) {
  const ArgmaxFn argmax = FindArgmaxFn(GetParam());
  uint64_t seed = 0;
  for (int64_t n : kSizes) {
    for (Pattern pattern : kPatterns) {
      std::vector<float> x(n);
      FillPattern(pattern, ++seed, x);
      EXPECT_EQ(argmax(x.data(), n), ArgmaxReference(x)) << n << " " << PatternName(pattern);
    }
  }
}

TEST_P(ArgmaxKernelTest, FindsAMaximumAtEveryIndexAndTheLowestOfTwo) {
  const ArgmaxFn argmax = FindArgmaxFn(GetParam());
  for (int64_t n : {1, 33, 100, 4100}) {
    std::vector<float> x(n, -3.0f);
    for (int64_t i = 0; i < n; ++i) {
      x[i] = -1.0f;
      ASSERT_EQ(argmax(x.data(), n), i) << "of " << n;
      if (i + 1 < n) {
        x[n - 1] = -1.0f;
        ASSERT_EQ(argmax(x.data(), n), i) << "of " << n << ", tie with the last";
        x[n - 1] = -3.0f;
      }
      x[i] = -3.0f;
    }
  }
}

TEST_P(ArgmaxKernelTest, InfinitiesAndNothingButMinusInfinity) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const ArgmaxFn argmax = FindArgmaxFn(GetParam());
  for (int64_t n : kSizes) {
    std::vector<float> x(n, -kInf);
    EXPECT_EQ(argmax(x.data(), n), 0);
    x[n / 2] = std::numeric_limits<float>::max();
    x[n - 1] = kInf;
    EXPECT_EQ(argmax(x.data(), n), n - 1);
  }
}

TEST_P(ArgmaxKernelTest, ReportsNanAtEveryIndex) {
  const ArgmaxFn argmax = FindArgmaxFn(GetParam());
  for (int64_t n : {1, 33, 100, 4100}) {
    std::vector<float> x(n, 1.0f);
    for (int64_t i = 0; i < n; ++i) {
      x[i] = std::numeric_limits<float>::quiet_NaN();
      ASSERT_EQ(argmax(x.data(), n), -1) << i << " of " << n;
      x[i] = 1.0f;
    }
  }
}

TEST_P(ArgmaxKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = ArgmaxSelfTest(KernelId::kArgmaxF32Scalar);
  const absl::StatusOr<Digest> got = ArgmaxSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, ArgmaxKernelTest, testing::ValuesIn(KernelsOf(Op::kArgmax)), KernelTestName);

class SampleKernelTest : public KernelTest {};

TEST_P(SampleKernelTest, SelfTestPasses) {
  const absl::StatusOr<Digest> got = SampleSelfTest(GetParam());
  ASSERT_TRUE(got.ok()) << got.status();
}

INSTANTIATE_TEST_SUITE_P(Catalog, SampleKernelTest, testing::ValuesIn(KernelsOf(Op::kSample)), KernelTestName);

// Partial selection must choose what a full sort would.
TEST(Sample, EqualsReferenceOverAGridOfParams) {
  const std::vector<int32_t> history = {0, 0, 1, 5, 9};
  for (int64_t vocab : {10, 255, 256, 257, 5000}) {
    std::vector<float> logits(vocab);
    FillPattern(Pattern::kRandom, static_cast<uint64_t>(vocab), logits);
    for (int64_t i = 0; i < vocab; ++i) logits[i] = static_cast<float>(static_cast<int>(logits[i] * 16)) / 8;  // ties
    for (float temperature : {0.0f, 0.3f, 1.0f, 5.0f}) {
      for (int top_k : {0, 1, 40, 256, 1000}) {
        for (float top_p : {1.0f, 0.999f, 0.5f}) {
          for (float min_p : {0.0f, 0.02f}) {
            for (float penalty : {1.0f, 1.2f}) {
              const SamplingParams params = {temperature, top_k, top_p, min_p, penalty, 3, 42};
              const Sampler sampler(params);
              for (uint64_t position = 0; position < 3; ++position) {
                ASSERT_EQ(sampler.Sample(logits, history, position), SampleReference(params, logits, history, position))
                    << absl::StrFormat("vocab=%d temperature=%g k=%d p=%g min=%g penalty=%g position=%d", vocab,
                                       temperature, top_k, top_p, min_p, penalty, position);
              }
            }
          }
        }
      }
    }
  }
}

// Takes the last of equals.
int64_t LastArgmax(const float* x, int64_t n) {
  int64_t best = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (x[i] >= x[best]) best = i;
  }
  return best;
}

TEST(ArgmaxSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckArgmax(KernelId::kArgmaxF32Avx2, LastArgmax).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("argmax_f32_avx2"), std::string::npos) << status;
}

TEST(SampleSelfTest, NamesABrokenSampler) {
  const auto ignores_position = [](const SamplingParams& params, std::span<const float> logits,
                                   std::span<const int32_t> history,
                                   uint64_t) { return SampleReference(params, logits, history, 0); };
  const absl::Status status = CheckSample(KernelId::kSampleF32Scalar, ignores_position).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("sample_f32_scalar"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
