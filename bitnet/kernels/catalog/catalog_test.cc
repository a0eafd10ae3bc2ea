// The two lists, their ids, and which kernel runs for which instruction sets, by name.

#include "bitnet/kernels/catalog/catalog.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "gtest/gtest.h"
#include "re2/re2.h"

namespace bitnet {
namespace {

std::vector<Op> AllOps() {
  std::vector<Op> ops;
  for (int i = 0; i < kOpCount; ++i) ops.push_back(static_cast<Op>(i));
  return ops;
}

// Receipt rule of kernel ids (receipt schema 1.0.0): a reader refuses anything else.
void ExpectGoodId(std::string_view id) {
  EXPECT_TRUE(RE2::FullMatch(std::string(id), "[a-z][a-z0-9]*(_[a-z0-9]+)*")) << id;
  EXPECT_GE(id.size(), 3) << id;
  EXPECT_LE(id.size(), 64) << id;
  for (std::string_view word : {"mock", "stub", "fake", "dummy", "placeholder", "fallback", "dequant", "fp32"}) {
    EXPECT_EQ(id.find(word), std::string_view::npos) << id << " contains " << word;
  }
}

TEST(Catalog, IdsMatchTheGrammarAndAreUnique) {
  std::set<std::string_view> kernel_ids;
  for (const KernelInfo& kernel : KernelTable()) {
    ExpectGoodId(kernel.id);
    EXPECT_TRUE(kernel_ids.insert(kernel.id).second) << kernel.id << " twice";
  }
  std::set<std::string_view> op_ids;
  for (Op op : AllOps()) {
    ExpectGoodId(OpReceiptId(op));
    EXPECT_TRUE(op_ids.insert(OpReceiptId(op)).second) << OpReceiptId(op) << " twice";
  }
}

TEST(Catalog, TableIsIndexedByKernelId) {
  ASSERT_EQ(KernelTable().size(), kKernelCount);
  for (int i = 0; i < kKernelCount; ++i) {
    EXPECT_EQ(static_cast<int>(KernelTable()[i].kernel), i);
    EXPECT_EQ(&GetKernel(static_cast<KernelId>(i)), &KernelTable()[i]);
  }
}

// Readers of schema 1.0.0 know these names in this order.
TEST(Catalog, FirstSevenOpsAreThoseOfSchema100) {
  constexpr std::string_view kSchema100[] = {"embedding_lookup", "prefill_forward", "i2s_gemv",         "rope_apply",
                                             "attention_real",   "decode_forward",  "logits_projection"};
  for (int i = 0; i < 7; ++i) EXPECT_EQ(OpReceiptId(static_cast<Op>(i)), kSchema100[i]);
}

TEST(Catalog, EveryOpHasAScalarKernelForOneAndManyRows) {
  for (Op op : AllOps()) {
    for (int64_t rows : {1, 2, 512}) {
      const KernelInfo& kernel = GetKernel(SelectKernel(op, rows, IsaClosure(Isa::kScalar)));
      EXPECT_EQ(kernel.isa, Isa::kScalar) << kernel.id;
      EXPECT_EQ(kernel.op, op) << kernel.id;
    }
  }
}

// The id says what the row says: op_format_isa, except for spans, whose id is the op's.
TEST(Catalog, IdEndsWithItsInstructionSet) {
  for (const KernelInfo& kernel : KernelTable()) {
    if (IsSpan(kernel.op)) {
      EXPECT_EQ(kernel.id, OpReceiptId(kernel.op));
    } else {
      EXPECT_TRUE(kernel.id.ends_with("_" + std::string(IsaName(kernel.isa)))) << kernel.id;
    }
  }
}

TEST(Catalog, FindIsTheInverseOfTheLists) {
  for (const KernelInfo& kernel : KernelTable()) EXPECT_EQ(FindKernel(kernel.id), kernel.kernel) << kernel.id;
  for (Op op : AllOps()) EXPECT_EQ(FindOp(OpReceiptId(op)), op) << OpReceiptId(op);
  for (std::string_view id : {"", "i2s", "i2s_gemv_scalar ", "I2S_GEMV_SCALAR", "i2s_gemv_scala"}) {
    EXPECT_FALSE(FindKernel(id).has_value()) << id;
    EXPECT_FALSE(FindOp(id).has_value()) << id;
  }
}

struct Selection {
  Op op;
  int64_t rows;
  std::string_view scalar, avx2, avx512, avx512vnni;
};

TEST(Catalog, SelectsByName) {
  constexpr Selection kSelections[] = {
      {Op::kEmbeddingLookup, 1, "embed_f16_scalar", "embed_f16_avx2", "embed_f16_avx512", "embed_f16_avx512"},
      {Op::kPrefillForward, 2, "prefill_forward", "prefill_forward", "prefill_forward", "prefill_forward"},
      {Op::kDecodeForward, 1, "decode_forward", "decode_forward", "decode_forward", "decode_forward"},
      {Op::kTernaryMatmul, 1, "i2s_gemv_scalar", "i2s_gemv_avx2", "i2s_gemv_avx2", "i2s_gemv_avx512vnni"},
      {Op::kTernaryMatmul, 2, "i2s_gemm_scalar", "i2s_gemm_avx2", "i2s_gemm_avx2", "i2s_gemm_avx512vnni"},
      {Op::kTernaryMatmul, 512, "i2s_gemm_scalar", "i2s_gemm_avx2", "i2s_gemm_avx2", "i2s_gemm_avx512vnni"},
      {Op::kRope, 1, "rope_f32_scalar", "rope_f32_avx2", "rope_f32_avx512", "rope_f32_avx512"},
      {Op::kAttention, 1, "attention_f16kv_scalar", "attention_f16kv_avx2", "attention_f16kv_avx512",
       "attention_f16kv_avx512"},
      {Op::kLogitsProjection, 1, "head_f16_scalar", "head_f16_avx2", "head_f16_avx512", "head_f16_avx512"},
      {Op::kRmsNorm, 7, "rms_norm_f32_scalar", "rms_norm_f32_avx2", "rms_norm_f32_avx512", "rms_norm_f32_avx512"},
      {Op::kActQuant, 1, "act_quant_i8_scalar", "act_quant_i8_avx2", "act_quant_i8_avx512", "act_quant_i8_avx512"},
      {Op::kRelu2Mul, 1, "relu2_mul_f32_scalar", "relu2_mul_f32_avx2", "relu2_mul_f32_avx512", "relu2_mul_f32_avx512"},
      {Op::kResidualAdd, 1, "residual_add_f32_scalar", "residual_add_f32_avx2", "residual_add_f32_avx512",
       "residual_add_f32_avx512"},
      {Op::kArgmax, 1, "argmax_f32_scalar", "argmax_f32_avx2", "argmax_f32_avx512", "argmax_f32_avx512"},
      {Op::kSiluMul, 1, "silu_mul_f32_scalar", "silu_mul_f32_avx2", "silu_mul_f32_avx512", "silu_mul_f32_avx512"},
      {Op::kLogitsScreening, 1, "head_i8_scalar", "head_i8_avx2", "head_i8_avx2", "head_i8_avx512vnni"},
      {Op::kSample, 1, "sample_f32_scalar", "sample_f32_scalar", "sample_f32_scalar", "sample_f32_scalar"},
  };
  std::set<Op> covered;
  for (const Selection& s : kSelections) {
    covered.insert(s.op);
    const auto selected = [&](Isa isa) { return GetKernel(SelectKernel(s.op, s.rows, IsaClosure(isa))).id; };
    EXPECT_EQ(selected(Isa::kScalar), s.scalar);
    EXPECT_EQ(selected(Isa::kAvx2), s.avx2);
    EXPECT_EQ(selected(Isa::kAvx512), s.avx512);
    EXPECT_EQ(selected(Isa::kAvx512Vnni), s.avx512vnni);
  }
  EXPECT_EQ(covered.size(), kOpCount) << "an op without a row in this test";
}

TEST(CatalogDeath, SelectionNeedsScalar) {
  EXPECT_DEATH(SelectKernel(Op::kRope, 1, IsaSet({Isa::kAvx2}).Intersect(IsaSet({Isa::kAvx512}))), "lack scalar");
}

// Receipts carry this digest and the auditor compares it with its own. Change it only together with a row of one of
// the lists.
TEST(Catalog, RegistryDigestChangesDeliberately) {
  EXPECT_EQ(ToHex(RegistryDigest()), "c2af3bdb80d8ec1ba46bcb5af9fed44a3994e949facc6acd5617ba5051919ab6");
}

}  // namespace
}  // namespace bitnet
