// Every logits projection kernel against the reference, bit for bit, and against binary64.

#include "bitnet/kernels/head/head.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/head/head_args.h"
#include "bitnet/kernels/head/head_kernels.h"
#include "bitnet/kernels/head/head_selftest.h"
#include "bitnet/kernels/head/reference.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// A table, hidden states and room for logits. The vectors are exactly as long as they must be, so that a sanitizer
// sees a read past the end.
struct Problem {
  Problem(int64_t vocab, int64_t dim, int64_t rows, Pattern pattern, uint64_t seed)
      : args{nullptr, vocab, dim, nullptr, rows, nullptr},
        table(vocab * dim),
        h(rows * dim),
        logits(rows * vocab, std::numeric_limits<float>::quiet_NaN()) {
    std::vector<float> values(table.size());
    FillPattern(Pattern::kRandom, seed, values);
    for (size_t i = 0; i < values.size(); ++i) table[i] = F32ToF16(values[i]);
    FillPattern(pattern, seed + 1, h);
    args.table = table.data();
    args.h = h.data();
    args.logits = logits.data();
  }
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  LogitsProjectionArgs args;
  std::vector<F16> table;
  std::vector<float> h, logits;
};

class LogitsProjectionKernelTest : public KernelTest {};

void ExpectEqualsReference(KernelId kernel, int64_t vocab, int64_t dim, int64_t rows, Pattern pattern) {
  Problem want(vocab, dim, rows, pattern, 17), got(vocab, dim, rows, pattern, 17);
  LogitsProjectionReference(want.args);
  FindLogitsProjectionFn(kernel)(got.args, 0, vocab);
  ExpectSameBits(want.logits, got.logits,
                 absl::StrFormat("vocab=%d dim=%d rows=%d %s", vocab, dim, rows, PatternName(pattern)));
}

TEST_P(LogitsProjectionKernelTest, EqualsReference) {
  for (int64_t dim : {1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 127, 640, 2560}) {
    for (int64_t rows = 1; rows <= 9; ++rows) ExpectEqualsReference(GetParam(), 13, dim, rows, Pattern::kRandom);
  }
  for (int64_t vocab : {1, 2, 3, 4, 5, 31, 32, 33, 127, 640}) {
    for (int64_t rows : {1, 2, 3, 4, 5, 6}) ExpectEqualsReference(GetParam(), vocab, 64, rows, Pattern::kRandom);
  }
}

TEST_P(LogitsProjectionKernelTest, EqualsReferenceOnAdversarialContents) {
  for (Pattern pattern : kPatterns) {
    for (int64_t dim : {33, 128, 160}) {
      for (int64_t rows : {1, 5}) ExpectEqualsReference(GetParam(), 21, dim, rows, pattern);
    }
  }
}

TEST_P(LogitsProjectionKernelTest, WritesItsRangeOnly) {
  constexpr int64_t kVocab = 50;
  for (int64_t rows : {1, 3}) {
    Problem want(kVocab, 96, rows, Pattern::kRandom, 3), got(kVocab, 96, rows, Pattern::kRandom, 3);
    LogitsProjectionReference(want.args);
    FindLogitsProjectionFn(GetParam())(got.args, 7, 30);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t v = 0; v < kVocab; ++v) {
        const float logit = got.logits[row * kVocab + v];
        if (v >= 7 && v < 30) {
          ASSERT_EQ(logit, want.logits[row * kVocab + v]) << "row " << row << " entry " << v;
        } else {
          ASSERT_TRUE(std::isnan(logit)) << "row " << row << " entry " << v;
        }
      }
    }
  }
}

// The error of a logit is at most 1e-5 of the sum of the magnitudes of its products.
TEST_P(LogitsProjectionKernelTest, AgreesWithBinary64) {
  constexpr int64_t kVocab = 40, kDim = 2560;
  Problem p(kVocab, kDim, 2, Pattern::kRandom, 5);
  FindLogitsProjectionFn(GetParam())(p.args, 0, kVocab);
  for (int64_t row = 0; row < 2; ++row) {
    for (int64_t v = 0; v < kVocab; ++v) {
      double expected = 0, magnitude = 0;
      for (int64_t i = 0; i < kDim; ++i) {
        const double product = static_cast<double>(p.h[row * kDim + i]) * F16ToF32(p.table[v * kDim + i]);
        expected += product;
        magnitude += std::abs(product);
      }
      ASSERT_NEAR(p.logits[row * kVocab + v], expected, 1e-5 * magnitude) << "row " << row << " entry " << v;
    }
  }
}

TEST_P(LogitsProjectionKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = LogitsProjectionSelfTest(KernelId::kHeadF16Scalar);
  const absl::StatusOr<Digest> got = LogitsProjectionSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, LogitsProjectionKernelTest, testing::ValuesIn(KernelsOf(Op::kLogitsProjection)),
                         KernelTestName);

// Adds in index order instead of in 32 lanes.
void InOrder(const LogitsProjectionArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = 0; row < args.rows; ++row) {
    for (int64_t v = begin; v < end; ++v) {
      float sum = 0;
      for (int64_t i = 0; i < args.dim; ++i) {
        sum = std::fma(args.h[row * args.dim + i], F16ToF32(args.table[v * args.dim + i]), sum);
      }
      args.logits[row * args.vocab + v] = sum;
    }
  }
}

TEST(LogitsProjectionSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckLogitsProjection(KernelId::kHeadF16Avx2, InOrder).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("head_f16_avx2"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
