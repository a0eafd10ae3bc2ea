// Expected work in numbers worked out by hand for 2B-4T, and how it behaves under chunking.

#include "bitnet/kernels/catalog/work.h"

#include <cstdint>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr ArchShape k2B4T = {30, 2560, 6912, 20, 5, 128, 128256};
constexpr uint64_t kTernaryMacsPerToken = 2'084'044'800;  // 30 * (2*2560*2560 + 2*640*2560 + 3*6912*2560)
constexpr uint64_t kHeadMacs = 328'335'360;               // 128256 * 2560

const IsaSet kIsa = IsaClosure(Isa::kAvx512Vnni);

WorkTable Expected(std::vector<ScheduleEntry> schedule, uint64_t first_position = 0, uint64_t chosen = 0,
                   bool greedy = true) {
  return ExpectedWork(k2B4T, schedule, first_position, chosen, greedy, kIsa);
}

WorkCount Of(const WorkTable& table, Op op) {
  WorkCount sum;
  for (const KernelInfo& kernel : KernelTable()) {
    if (kernel.op == op) sum += table[static_cast<int>(kernel.kernel)];
  }
  return sum;
}

const WorkCount& Of(const WorkTable& table, KernelId kernel) { return table[static_cast<int>(kernel)]; }

TEST(Work, OneDecodedToken) {
  // 100 tokens in the cache: the new one sees 101 keys.
  const WorkTable table = Expected({{StepKind::kDecode, 1, 1, 1}}, 100, 1);
  EXPECT_EQ(Of(table, KernelId::kDecodeForward), (WorkCount{1, 1, 0, 0}));
  EXPECT_EQ(Of(table, Op::kPrefillForward), WorkCount{});
  EXPECT_EQ(Of(table, KernelId::kEmbedF16Avx512), (WorkCount{1, 1, 0, 2560 * 2}));
  EXPECT_EQ(Of(table, KernelId::kI2sGemvAvx512Vnni),
            (WorkCount{210, 210, kTernaryMacsPerToken, kTernaryMacsPerToken / 4}));
  EXPECT_EQ(Of(table, KernelId::kI2sGemmAvx512Vnni), WorkCount{});
  EXPECT_EQ(Of(table, KernelId::kRmsNormF32Avx512), (WorkCount{121, 121, 0, 0}));
  EXPECT_EQ(Of(table, KernelId::kActQuantI8Avx512), (WorkCount{120, 120, 0, 0}));
  EXPECT_EQ(Of(table, KernelId::kRopeF32Avx512), (WorkCount{60, 60, 0, 0}));
  EXPECT_EQ(Of(table, KernelId::kAttentionF16kvAvx512),
            (WorkCount{30, 30, 30 * 101 * 20 * 128 * 2, 30 * 101 * 5 * 128 * 2 * 2}));
  EXPECT_EQ(Of(table, KernelId::kRelu2MulF32Avx512), (WorkCount{30, 30, 0, 0}));
  EXPECT_EQ(Of(table, KernelId::kResidualAddF32Avx512), (WorkCount{60, 60, 0, 0}));
  EXPECT_EQ(Of(table, KernelId::kHeadF16Avx512), (WorkCount{1, 1, kHeadMacs, kHeadMacs * 2}));
  EXPECT_EQ(Of(table, KernelId::kArgmaxF32Avx512), (WorkCount{1, 1, 0, 0}));
  EXPECT_EQ(Of(table, Op::kSample), WorkCount{});
}

// A Llama-like graph: SiLU for ReLU squared, 2 L + 1 norms, and everything else as before, the head with its own
// weights included.
TEST(Work, OneDecodedTokenWithoutSubNorms) {
  ArchShape llama = k2B4T;
  llama.activation = Activation::kSilu;
  llama.sub_norms = false;
  llama.untied_head = true;
  const std::vector<ScheduleEntry> schedule = {{StepKind::kDecode, 1, 1, 1}};
  const WorkTable table = ExpectedWork(llama, schedule, 100, 1, true, kIsa);
  EXPECT_EQ(Of(table, KernelId::kSiluMulF32Avx512), (WorkCount{30, 30, 0, 0}));
  EXPECT_EQ(Of(table, Op::kRelu2Mul), WorkCount{});
  EXPECT_EQ(Of(table, KernelId::kRmsNormF32Avx512), (WorkCount{61, 61, 0, 0}));
  const WorkTable bitnet = Expected(schedule, 100, 1);
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    if (op == Op::kSiluMul || op == Op::kRelu2Mul || op == Op::kRmsNorm) continue;
    EXPECT_EQ(Of(table, op), Of(bitnet, op)) << OpReceiptId(op);
  }
}

TEST(Work, Prefill) {
  const WorkTable table = Expected({{StepKind::kPrefill, 1, 512, 1}});
  EXPECT_EQ(Of(table, KernelId::kPrefillForward), (WorkCount{1, 512, 0, 0}));
  EXPECT_EQ(Of(table, KernelId::kI2sGemmAvx512Vnni),
            (WorkCount{210, 210 * 512, 512 * kTernaryMacsPerToken, kTernaryMacsPerToken / 4}));
  EXPECT_EQ(Of(table, Op::kAttention).macs, 30 * (512 * 513 / 2) * uint64_t{20 * 128 * 2});
  EXPECT_EQ(Of(table, KernelId::kRmsNormF32Avx512), (WorkCount{121, 120 * 512 + 1, 0, 0}));  // the last norm: one row
  EXPECT_EQ(Of(table, Op::kLogitsProjection).rows, 1);
  EXPECT_EQ(Of(Expected({{StepKind::kPrefill, 1, 512, 0}}), Op::kLogitsProjection), WorkCount{});
  EXPECT_EQ(Of(Expected({{StepKind::kPrefill, 1, 512, 512}}), Op::kLogitsProjection),
            (WorkCount{1, 512, 512 * kHeadMacs, kHeadMacs * 2}));
}

TEST(Work, ChunkingChangesCallsAndWeightBytesOnly) {
  const WorkTable whole = Expected({{StepKind::kPrefill, 1, 96, 1}});
  for (uint64_t chunk : {1, 2, 7, 32, 95}) {
    std::vector<ScheduleEntry> schedule;
    uint64_t passes = 0;
    for (uint64_t done = 0; done < 96; done += chunk, ++passes) {
      const uint64_t rows = chunk < 96 - done ? chunk : 96 - done;
      schedule.push_back({StepKind::kPrefill, 1, rows, done + rows == 96 ? 1u : 0u});
    }
    const WorkTable chunked = Expected(schedule);
    for (int i = 0; i < kOpCount; ++i) {
      const Op op = static_cast<Op>(i);
      EXPECT_EQ(Of(chunked, op).rows, Of(whole, op).rows) << OpReceiptId(op) << " chunk " << chunk;
      EXPECT_EQ(Of(chunked, op).macs, Of(whole, op).macs) << OpReceiptId(op) << " chunk " << chunk;
    }
    EXPECT_EQ(Of(chunked, Op::kTernaryMatmul).calls, passes * 210);
    EXPECT_EQ(Of(chunked, Op::kTernaryMatmul).bytes, passes * kTernaryMacsPerToken / 4);
    EXPECT_EQ(Of(chunked, Op::kAttention).bytes, Of(whole, Op::kAttention).bytes);
  }
}

// A chunk of one row runs the gemv kernel, also in prefill.
TEST(Work, OneRowChunksAreGemv) {
  const WorkTable table = Expected({{StepKind::kPrefill, 1, 7, 0}, {StepKind::kPrefill, 1, 1, 1}});
  EXPECT_EQ(Of(table, KernelId::kI2sGemmAvx512Vnni).rows, 210 * 7);
  EXPECT_EQ(Of(table, KernelId::kI2sGemvAvx512Vnni).rows, 210);
}

TEST(Work, StepsAreRepeatedPassesAtMovingPositions) {
  const WorkTable merged = Expected({{StepKind::kPrefill, 1, 16, 1}, {StepKind::kDecode, 3, 1, 1}}, 5);
  const WorkTable spelled = Expected({{StepKind::kPrefill, 1, 16, 1},
                                      {StepKind::kDecode, 1, 1, 1},
                                      {StepKind::kDecode, 1, 1, 1},
                                      {StepKind::kDecode, 1, 1, 1}},
                                     5);
  EXPECT_EQ(merged, spelled);
  // 16 rows after 5 cached tokens see 6..21 keys; then 22, 23, 24.
  const uint64_t keys = 16 * 5 + 16 * 17 / 2 + 22 + 23 + 24;
  EXPECT_EQ(Of(merged, Op::kAttention).macs, 30 * keys * 20 * 128 * 2);
}

// Rejected rows are computed like any other, and the next pass begins where they began.
TEST(Work, RejectedRowsCostAndDoNotStay) {
  const WorkTable table =
      Expected({{StepKind::kPrefill, 1, 16, 1}, {StepKind::kDecode, 2, 4, 4, 3}, {StepKind::kDecode, 1, 1, 1}});
  const uint64_t keys = 16 * 17 / 2 + (17 + 18 + 19 + 20) + (18 + 19 + 20 + 21) + 19;
  EXPECT_EQ(Of(table, Op::kAttention).macs, 30 * keys * 20 * 128 * 2);
  EXPECT_EQ(Of(table, KernelId::kI2sGemmAvx512Vnni).rows, 210 * (16 + 2 * 4));
  EXPECT_EQ(Of(table, Op::kLogitsProjection), (WorkCount{4, 1 + 2 * 4 + 1, 10 * kHeadMacs, 4 * 2 * kHeadMacs}));
}

// Screening looks at every row that chooses: the copy is read once a pass, candidates once a row. Prompts with logits
// of every row are not screened.
TEST(Work, ScreeningOfSeveralRows) {
  const std::vector<ScheduleEntry> schedule = {{StepKind::kPrefill, 1, 16, 1}, {StepKind::kDecode, 3, 5, 5, 2}};
  const HeadScreening screening = {true, 70};
  const WorkTable table = ExpectedWork(k2B4T, schedule, 0, 10, true, kIsa, screening);
  EXPECT_EQ(Of(table, Op::kLogitsScreening), (WorkCount{4, 16, 16 * kHeadMacs, 4 * (kHeadMacs + 16 * 128256)}));
  EXPECT_EQ(Of(table, Op::kLogitsProjection), (WorkCount{16, 16, 70 * 2560, 70 * 2560 * 2}));
  EXPECT_EQ(ScreeningOf(k2B4T, schedule, 4, 70 * 2560), screening);
  const std::vector<ScheduleEntry> every = {{StepKind::kPrefill, 1, 16, 16}, {StepKind::kDecode, 1, 2, 2}};
  EXPECT_EQ(ScreeningOf(k2B4T, every, 1, 16 * kHeadMacs + 9 * 2560), (HeadScreening{true, 9}));
}

TEST(Work, ChosenTokensAreArgmaxOrSample) {
  EXPECT_EQ(Of(Expected({}, 0, 17, true), KernelId::kArgmaxF32Avx512), (WorkCount{17, 17, 0, 0}));
  EXPECT_EQ(Of(Expected({}, 0, 17, true), Op::kSample), WorkCount{});
  EXPECT_EQ(Of(Expected({}, 0, 17, false), KernelId::kSampleF32Scalar), (WorkCount{17, 17, 0, 0}));
  EXPECT_EQ(Of(Expected({}, 0, 17, false), Op::kArgmax), WorkCount{});
}

TEST(Work, OneInstructionSetsKernelsOnly) {
  const std::vector<ScheduleEntry> schedule = {{StepKind::kPrefill, 1, 16, 1}, {StepKind::kDecode, 3, 1, 1}};
  const WorkTable table = ExpectedWork(k2B4T, schedule, 0, 4, true, IsaClosure(Isa::kScalar));
  for (const KernelInfo& kernel : KernelTable()) {
    if (kernel.isa != Isa::kScalar) {
      EXPECT_EQ(table[static_cast<int>(kernel.kernel)], WorkCount{}) << kernel.id;
    }
  }
  const WorkTable fast = Expected(schedule, 0, 4);
  for (int i = 0; i < kOpCount; ++i) {
    EXPECT_EQ(Of(table, static_cast<Op>(i)), Of(fast, static_cast<Op>(i))) << OpReceiptId(static_cast<Op>(i));
  }
}

TEST(Work, OfSingleCalls) {
  EXPECT_EQ(EmbeddingWork(3, 2560), (WorkCount{1, 3, 0, 15360}));
  EXPECT_EQ(TernaryMatmulWork(2, 640, 2560), (WorkCount{1, 2, 3276800, 409600}));
  EXPECT_EQ(AttentionWork(2, 10, 20, 5, 128), (WorkCount{1, 2, 23 * 20 * 128 * 2, 23 * 5 * 128 * 4}));  // 11 + 12 keys
  EXPECT_EQ(HeadWork(2, 128256, 2560), (WorkCount{1, 2, 2 * kHeadMacs, 2 * kHeadMacs}));
  EXPECT_EQ(RowWork(9), (WorkCount{1, 9, 0, 0}));
}

}  // namespace
}  // namespace bitnet
