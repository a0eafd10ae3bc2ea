// Every attention kernel against the reference, bit for bit, and against binary64.

#include "bitnet/kernels/attention/attention.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/attention/attention_args.h"
#include "bitnet/kernels/attention/attention_kernels.h"
#include "bitnet/kernels/attention/attention_selftest.h"
#include "bitnet/kernels/attention/attention_testing.h"
#include "bitnet/kernels/attention/reference.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// Around the 256 positions of a block, the vector widths and the tile of four queries; every head_dim class.
constexpr AttentionShape kShapes[] = {
    {0, 1, 1, 1, 32},   {0, 1, 20, 5, 128},  {1, 1, 20, 5, 128},  {15, 1, 4, 1, 64},   {16, 1, 3, 1, 96},
    {17, 1, 5, 1, 160}, {31, 2, 6, 2, 192},  {32, 3, 2, 1, 224},  {33, 1, 8, 4, 256},  {0, 9, 4, 2, 128},
    {0, 33, 3, 1, 32},  {127, 5, 2, 2, 64},  {254, 1, 4, 1, 32},  {255, 1, 4, 1, 32},  {256, 1, 4, 1, 32},
    {253, 7, 2, 1, 96}, {255, 4, 7, 1, 128}, {511, 2, 1, 1, 128}, {512, 1, 20, 5, 64}, {767, 9, 2, 1, 32},
};

class AttentionKernelTest : public KernelTest {
 protected:
  // Appends and attends over all queries.
  static void Run(const AttentionArgs& args) {
    const AttentionKernel kernel = FindAttentionKernel(GetParam());
    kernel.append(args, 0, args.rows);
    kernel.attend(args, args.scores, 0, args.heads * args.rows);
  }
};

TEST_P(AttentionKernelTest, EqualsReference) {
  uint64_t seed = 0;
  for (const AttentionShape& shape : kShapes) {
    for (Pattern pattern : {Pattern::kRandom, Pattern::kZeros, Pattern::kDenormals, Pattern::kAlternating}) {
      if (pattern != Pattern::kRandom && shape.first_position > 300) continue;
      AttentionTensors want(shape, pattern, seed), got(shape, pattern, seed);
      ++seed;
      ReferenceAttention(want.Args());
      Run(got.Args());
      const std::string name = absl::StrCat(shape.Name(), " ", PatternName(pattern));
      ExpectSameBits(want.out, got.out, name);
      EXPECT_EQ(want.k, got.k) << name;
      EXPECT_EQ(want.v, got.v) << name;
    }
  }
}

// A worker may get any range of queries.
TEST_P(AttentionKernelTest, EverySplitOfTheQueriesGivesTheSameBits) {
  const AttentionKernel kernel = FindAttentionKernel(GetParam());
  for (const AttentionShape& shape : {AttentionShape{250, 5, 6, 2, 64}, AttentionShape{40, 1, 20, 5, 128}}) {
    AttentionTensors want(shape, Pattern::kRandom, 71);
    ReferenceAttention(want.Args());
    const int64_t queries = shape.heads * shape.rows;
    for (int64_t cut = 0; cut <= queries; ++cut) {
      AttentionTensors got(shape, Pattern::kRandom, 71);
      const AttentionArgs args = got.Args();
      kernel.append(args, 0, shape.rows / 2);
      kernel.append(args, shape.rows / 2, shape.rows);
      kernel.attend(args, args.scores, cut, queries);
      kernel.attend(args, args.scores, 0, cut);
      ExpectSameBits(want.out, got.out, absl::StrCat(shape.Name(), " cut at ", cut));
    }
  }
}

// Prefill in one batch and decode token by token write the same cache and give the same bits.
TEST_P(AttentionKernelTest, BatchEqualsTokenByToken) {
  const AttentionShape shape = {0, 270, 4, 2, 32};
  AttentionTensors batch(shape, Pattern::kRandom, 5), steps(shape, Pattern::kRandom, 5);
  Run(batch.Args());
  for (int64_t row = 0; row < shape.rows; ++row) {
    AttentionArgs args = steps.Args();
    args.q += row * shape.heads * shape.head_dim;
    args.out += row * shape.heads * shape.head_dim;
    args.k_new += row * shape.kv_heads * shape.head_dim;
    args.v_new += row * shape.kv_heads * shape.head_dim;
    args.first_position = row;
    args.rows = 1;
    Run(args);
  }
  ExpectSameBits(batch.out, steps.out, shape.Name());
  EXPECT_EQ(batch.k, steps.k);
  EXPECT_EQ(batch.v, steps.v);
}

// One softmax term dominates by e^87 and more: the others underflow to exactly 0.
TEST_P(AttentionKernelTest, LargeScoresEqualReference) {
  const AttentionShape shape = {290, 3, 4, 1, 64};
  AttentionTensors want(shape, Pattern::kRandom, 9), got(shape, Pattern::kRandom, 9);
  for (float& q : want.q) q *= 40;
  got.q = want.q;
  ReferenceAttention(want.Args());
  Run(got.Args());
  ExpectSameBits(want.out, got.out, shape.Name());
}

// The error of each output is at most 1e-5 of the average magnitude of the values that it averages.
TEST_P(AttentionKernelTest, AgreesWithBinary64) {
  const AttentionShape shape = {300, 3, 4, 2, 128};
  AttentionTensors t(shape, Pattern::kRandom, 13);
  for (float& q : t.q) q *= 0.25f;  // scores of a few units, as a trained model has
  Run(t.Args());
  const auto at = [&](const std::vector<F16>& cache, int64_t kv_head, int64_t position, int64_t d) -> double {
    return F16ToF32(cache[(kv_head * shape.capacity() + position) * shape.head_dim + d]);
  };
  for (int64_t row = 0; row < shape.rows; ++row) {
    for (int64_t head = 0; head < shape.heads; ++head) {
      const int64_t kv_head = head / 2, keys = shape.first_position + row + 1;
      const int64_t offset = (row * shape.heads + head) * shape.head_dim;
      std::vector<double> weight(keys);
      double sum = 0;
      for (int64_t key = 0; key < keys; ++key) {
        double dot = 0;
        for (int64_t d = 0; d < shape.head_dim; ++d) dot += t.q[offset + d] * at(t.k, kv_head, key, d);
        sum += weight[key] = std::exp(dot / std::sqrt(128.0));
      }
      for (int64_t d = 0; d < shape.head_dim; ++d) {
        double expected = 0, magnitude = 0;
        for (int64_t key = 0; key < keys; ++key) {
          expected += weight[key] / sum * at(t.v, kv_head, key, d);
          magnitude += weight[key] / sum * std::abs(at(t.v, kv_head, key, d));
        }
        ASSERT_NEAR(t.out[offset + d], expected, 1e-5 * magnitude) << "row " << row << " head " << head << " d " << d;
      }
    }
  }
}

TEST_P(AttentionKernelTest, SelfTestGivesTheDigestOfTheScalarKernel) {
  const absl::StatusOr<Digest> want = AttentionSelfTest(KernelId::kAttentionF16kvScalar);
  const absl::StatusOr<Digest> got = AttentionSelfTest(GetParam());
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(ToHex(*got), ToHex(*want));
}

INSTANTIATE_TEST_SUITE_P(Catalog, AttentionKernelTest, testing::ValuesIn(KernelsOf(Op::kAttention)), KernelTestName);

// Truncates instead of rounding to nearest even.
void TruncatingAppend(const AttentionArgs& args, int64_t begin, int64_t end) {
  AppendF16kvScalar(args, begin, end);
  const int64_t position = args.first_position * args.head_dim;
  for (int64_t d = 0; d < args.head_dim; ++d) {
    F16& half = args.v_cache[position + d];
    if (std::abs(F16ToF32(half)) > std::abs(args.v_new[d])) --half;
  }
}

// Sees one key too few.
void ForgetfulAttend(const AttentionArgs& args, float* scores, int64_t begin, int64_t end) {
  AttentionArgs earlier = args;
  if (args.first_position > 0) --earlier.first_position;
  AttentionF16kvScalar(earlier, scores, begin, end);
}

TEST(AttentionSelfTest, NamesABrokenKernel) {
  for (const AttentionKernel& broken :
       {AttentionKernel{TruncatingAppend, AttentionF16kvScalar}, AttentionKernel{AppendF16kvScalar, ForgetfulAttend}}) {
    const absl::Status status = CheckAttention(KernelId::kAttentionF16kvAvx2, broken).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    EXPECT_NE(status.message().find("attention_f16kv_avx2"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace bitnet
