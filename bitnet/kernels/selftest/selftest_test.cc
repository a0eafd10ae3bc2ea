// Start-up self-tests: what they run, that the answer does not depend on the instruction set, and that a broken
// kernel stops them by name.

#include "bitnet/kernels/selftest/selftest.h"

#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/kat.h"
#include "bitnet/kernels/rms_norm/reference.h"
#include "bitnet/kernels/rms_norm/rms_norm_kernels.h"
#include "bitnet/kernels/rms_norm/rms_norm_selftest.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

class SelfTestOnIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!DetectIsaSet().ContainsAll(IsaClosure(GetParam()))) {
      GTEST_SKIP() << "self-tests of " << IsaName(GetParam()) << " kernels not run: this CPU has no such instructions";
    }
  }
};

TEST_P(SelfTestOnIsa, PassesWithTheFrozenDigest) {
  const absl::StatusOr<SelfTestReport> report = RunSelfTests(IsaClosure(GetParam()));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(ToHex(report->kat_digest), kKatDigestHex);
}

TEST_P(SelfTestOnIsa, RunsEveryKernelThatCanBeChosenOnce) {
  const absl::StatusOr<SelfTestReport> report = RunSelfTests(IsaClosure(GetParam()));
  ASSERT_TRUE(report.ok()) << report.status();
  std::multiset<std::string_view> ran, expected;
  for (const SelfTestResult& result : report->results) ran.insert(GetKernel(result.kernel).id);
  for (const KernelInfo& info : KernelTable()) {
    if (IsSpan(info.op)) continue;
    for (int64_t rows : {1, 2, 3, 512}) {
      if (SelectKernel(info.op, rows, IsaClosure(GetParam())) == info.kernel) {
        expected.insert(info.id);
        break;
      }
    }
  }
  EXPECT_EQ(ran, expected);
}

// Two kernels of an op and row class are one operation: equal digests, kernel by kernel.
TEST_P(SelfTestOnIsa, EveryKernelGivesTheDigestOfTheScalarOne) {
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    if (IsSpan(op)) continue;
    for (int64_t rows : {1, 2}) {
      const KernelId kernel = SelectKernel(op, rows, IsaClosure(GetParam()));
      const absl::StatusOr<Digest> got = SelfTestKernel(kernel);
      const absl::StatusOr<Digest> want = SelfTestKernel(SelectKernel(op, rows, IsaClosure(Isa::kScalar)));
      ASSERT_TRUE(got.ok()) << got.status();
      ASSERT_TRUE(want.ok()) << want.status();
      EXPECT_EQ(ToHex(*got), ToHex(*want)) << GetKernel(kernel).id;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, SelfTestOnIsa, testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni),
                         [](const testing::TestParamInfo<Isa>& info) { return std::string(IsaName(info.param)); });

// Right, except for the last element of each row.
void BrokenRmsNorm(const RmsNormArgs& args, int64_t begin, int64_t end) {
  RmsNormReference(args, begin, end);
  for (int64_t row = begin; row < end; ++row) args.y[(row + 1) * args.dim - 1] += 1.0f;
}

TEST(RunSelfTests, ABrokenKernelIsAnErrorThatNamesIt) {
  const absl::Status status =
      RunSelfTests(IsaClosure(Isa::kScalar), [](KernelId kernel) {
        return kernel == KernelId::kRmsNormF32Scalar ? CheckRmsNorm(kernel, BrokenRmsNorm) : SelfTestKernel(kernel);
      }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("kernel rms_norm_f32_scalar failed its self-test"), std::string::npos) << status;
}

// Wherever the failure is, the whole run fails with that kernel's error.
TEST(RunSelfTests, AnyFailingKernelFailsTheRun) {
  const IsaSet isa = IsaClosure(Isa::kAvx512Vnni);
  int failures = 0;
  for (const KernelInfo& info : KernelTable()) {
    if (IsSpan(info.op)) continue;
    const absl::StatusOr<SelfTestReport> report = RunSelfTests(isa, [&](KernelId kernel) -> absl::StatusOr<Digest> {
      if (kernel == info.kernel) return absl::InternalError(info.id);
      return Digest{};
    });
    const bool chosen = SelectKernel(info.op, 1, isa) == info.kernel || SelectKernel(info.op, 2, isa) == info.kernel;
    EXPECT_EQ(report.status().message() == info.id, chosen) << info.id << ": " << report.status();
    if (chosen) ++failures;
  }
  EXPECT_EQ(failures, kOpCount - 2 + 1);  // every op but the two spans, and ternary matmul twice: gemv and gemm
}

// As if a compiler had broken kernels and references alike.
TEST(RunSelfTests, AnswersThatAreNotTheKnownOnesFailTheRun) {
  const absl::Status status =
      RunSelfTests(IsaClosure(Isa::kScalar), [](KernelId) -> absl::StatusOr<Digest> { return Digest{}; }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find(kKatDigestHex), std::string::npos) << status;
}

TEST(SelfTestDeath, SpansHaveNone) {
  EXPECT_DEATH(SelfTestKernel(KernelId::kDecodeForward).IgnoreError(), "decode_forward is a span");
}

}  // namespace
}  // namespace bitnet
