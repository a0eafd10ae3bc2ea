#include "bitnet/kernels/known_answer.h"

#include <cmath>
#include <limits>
#include <vector>

#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

std::vector<float> Filled(Pattern pattern, uint64_t seed, size_t size) {
  std::vector<float> values(size);
  FillPattern(pattern, seed, values);
  return values;
}

TEST(FillPattern, HoldsWhatItsNameSays) {
  for (float x : Filled(Pattern::kZeros, 1, 1000)) EXPECT_EQ(x, 0.0f);
  for (float x : Filled(Pattern::kDenormals, 1, 1000)) {
    EXPECT_LT(std::fabs(x), std::numeric_limits<float>::min());
  }
  for (float x : Filled(Pattern::kLarge, 1, 1000)) {
    EXPECT_TRUE(std::isfinite(x));
    EXPECT_GE(std::fabs(x), 0x1p126f);
  }
  double sum = 0;
  for (float x : Filled(Pattern::kRandom, 1, 10000)) {
    EXPECT_GE(x, -4.0f);
    EXPECT_LT(x, 4.0f);
    sum += x;
  }
  EXPECT_LT(std::fabs(sum / 10000), 0.12);  // five standard deviations of the mean
}

TEST(FillPattern, IsAPureFunctionOfSeedAndIndex) {
  const std::vector<float> longer = Filled(Pattern::kRandom, 7, 101);
  const std::vector<float> shorter = Filled(Pattern::kRandom, 7, 30);
  EXPECT_EQ(shorter, std::vector<float>(longer.begin(), longer.begin() + 30));
  EXPECT_NE(longer, Filled(Pattern::kRandom, 8, 101));
}

TEST(KnownAnswer, NamesKernelCaseElementAndBits) {
  KnownAnswer answer(KernelId::kRopeF32Avx2);
  const absl::Status status = answer.Compare("dim=2 zeros", std::vector<float>{1, 0.0f}, std::vector<float>{1, -0.0f});
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  for (const char* part : {"rope_f32_avx2", "dim=2 zeros", "element 1", "0x00000000", "0x80000000", "--isa"}) {
    EXPECT_NE(status.message().find(part), std::string::npos) << part << " not in: " << status;
  }
}

TEST(KnownAnswer, DigestIsOfTheAnswersNotOfTheKernel) {
  const std::vector<float> values = {1, 2, 3};
  KnownAnswer one(KernelId::kRopeF32Avx2), two(KernelId::kRopeF32Scalar), other(KernelId::kRopeF32Scalar);
  ASSERT_TRUE(one.Compare("a", values, values).ok());
  ASSERT_TRUE(two.Compare("a", values, values).ok());
  ASSERT_TRUE(other.Compare("a", {}, {}).ok());
  const Digest digest = one.Finish();
  EXPECT_EQ(digest, two.Finish());
  EXPECT_NE(digest, other.Finish());
}

}  // namespace
}  // namespace bitnet
