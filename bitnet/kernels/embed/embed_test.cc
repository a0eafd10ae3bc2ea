// Every embedding kernel against the reference and against bitnet/base/f16.h, bit for bit, over all 65536 halves.

#include "bitnet/kernels/embed/embed.h"

#include <bit>
#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/embed/embed_args.h"
#include "bitnet/kernels/embed/embed_kernels.h"
#include "bitnet/kernels/embed/embed_selftest.h"
#include "bitnet/kernels/embed/reference.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

std::vector<F16> RandomHalves(int64_t size) {
  std::vector<float> values(size);
  FillPattern(Pattern::kRandom, 41, values);
  std::vector<F16> halves(size);
  for (int64_t i = 0; i < size; ++i) halves[i] = F32ToF16(values[i]);
  return halves;
}

class EmbeddingLookupKernelTest : public KernelTest {};

TEST_P(EmbeddingLookupKernelTest, EqualsReference) {
  constexpr int64_t kVocab = 11;
  for (int64_t dim : {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 127, 640, 2560}) {
    const std::vector<F16> table = RandomHalves(kVocab * dim);
    for (int64_t rows = 1; rows <= 9; ++rows) {
      std::vector<int32_t> ids(rows);
      for (int64_t r = 0; r < rows; ++r) ids[r] = static_cast<int32_t>((10 + r * 7) % kVocab);  // the last row first
      std::vector<float> want(rows * dim), got(rows * dim);
      EmbeddingLookupReference({table.data(), kVocab, dim, ids.data(), rows, want.data()}, 0, rows);
      FindEmbeddingLookupFn(GetParam())({table.data(), kVocab, dim, ids.data(), rows, got.data()}, 0, rows);
      ExpectSameBits(want, got, absl::StrFormat("dim=%d rows=%d", dim, rows));
    }
  }
}

// All bit patterns: denormals, infinities, quiet and signalling NaN come out as F16ToF32 says.
TEST_P(EmbeddingLookupKernelTest, ConvertsEveryHalfAsTheBaseDoes) {
  constexpr int64_t kDim = 8191;  // so that each value also meets the tail code in some row
  std::vector<F16> table(1 << 16);
  for (int i = 0; i < 1 << 16; ++i) table[i] = static_cast<F16>(i);
  const std::vector<int32_t> ids = {0, 1, 2, 3, 4, 5, 6, 7};
  std::vector<float> out(ids.size() * kDim);
  FindEmbeddingLookupFn(GetParam())({table.data(), 8, kDim, ids.data(), 8, out.data()}, 0, 8);
  for (size_t i = 0; i < out.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(out[i]), std::bit_cast<uint32_t>(F16ToF32(table[i]))) << "half " << i;
  }
  std::vector<float> single(1);
  for (int32_t half = 0; half < 1 << 16; ++half) {
    FindEmbeddingLookupFn(GetParam())({table.data(), 1 << 16, 1, &half, 1, single.data()}, 0, 1);
    ASSERT_EQ(std::bit_cast<uint32_t>(single[0]), std::bit_cast<uint32_t>(F16ToF32(table[half]))) << "half " << half;
  }
}

TEST_P(EmbeddingLookupKernelTest, WritesItsRowsOnly) {
  constexpr int64_t kDim = 45;
  const std::vector<F16> table(kDim, F32ToF16(1.0f));
  const std::vector<int32_t> ids(5, 0);
  std::vector<float> out(5 * kDim, 7.0f);
  FindEmbeddingLookupFn(GetParam())({table.data(), 1, kDim, ids.data(), 5, out.data()}, 2, 4);
  for (int64_t i = 0; i < 5 * kDim; ++i) {
    ASSERT_EQ(out[i], i >= 2 * kDim && i < 4 * kDim ? 1.0f : 7.0f) << "element " << i;
  }
}

TEST_P(EmbeddingLookupKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = EmbeddingLookupSelfTest(KernelId::kEmbedF16Scalar);
  const absl::StatusOr<Digest> got = EmbeddingLookupSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, EmbeddingLookupKernelTest, testing::ValuesIn(KernelsOf(Op::kEmbeddingLookup)),
                         KernelTestName);

// Flushes denormal halves to zero, as a conversion with DAZ set would.
void BrokenDenormals(const EmbeddingLookupArgs& args, int64_t begin, int64_t end) {
  EmbeddingLookupReference(args, begin, end);
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t i = 0; i < args.dim; ++i) {
      if ((args.table[args.ids[row] * args.dim + i] & 0x7c00) == 0) args.out[row * args.dim + i] = 0;
    }
  }
}

TEST(EmbeddingLookupSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckEmbeddingLookup(KernelId::kEmbedF16Avx2, BrokenDenormals).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("embed_f16_avx2"), std::string::npos) << status;
}

}  // namespace
}  // namespace bitnet
