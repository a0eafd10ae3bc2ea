// Which kernel Attention runs for which instruction sets, and that the recorder has exactly that.

#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/attention/attention.h"
#include "bitnet/kernels/attention/attention_args.h"
#include "bitnet/kernels/attention/attention_testing.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/recorder.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

struct Selection {
  Isa isa;
  std::string_view kernel;
};
constexpr Selection kSelections[] = {
    {Isa::kScalar, "attention_f16kv_scalar"},
    {Isa::kAvx2, "attention_f16kv_avx2"},
    {Isa::kAvx512, "attention_f16kv_avx512"},
    {Isa::kAvx512Vnni, "attention_f16kv_avx512"},
};

constexpr AttentionShape kShapes[] = {{0, 1, 4, 2, 32}, {260, 1, 20, 5, 128}, {10, 2, 3, 1, 64}, {3, 33, 4, 2, 32}};

std::vector<float> RunOnce(Isa isa, int threads, const AttentionShape& shape, Recorder& recorder) {
  AttentionTensors tensors(shape, Pattern::kRandom, 3, threads);
  ThreadPool pool(threads);
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  Attention(ctx, tensors.Args());
  return tensors.out;
}

TEST(AttentionDispatch, SelectsByName) {
  for (const Selection& selection : kSelections) {
    for (int64_t rows : {1, 2, 512}) {
      EXPECT_EQ(GetKernel(SelectKernel(Op::kAttention, rows, IsaClosure(selection.isa))).id, selection.kernel);
    }
  }
}

TEST(AttentionDispatch, RecordsExactlyTheKernelThatRanAndItsWork) {
  for (const Selection& selection : kSelections) {
    if (!DetectIsaSet().Has(selection.isa)) {
      GTEST_LOG_(INFO) << "not run: " << selection.kernel << ", this CPU has no " << IsaName(selection.isa);
      continue;
    }
    for (int threads : {1, 2, 3, 5}) {
      for (const AttentionShape& shape : kShapes) {
        Recorder recorder;
        RunOnce(selection.isa, threads, shape, recorder);
        const WorkCount work =
            AttentionWork(shape.rows, shape.first_position, shape.heads, shape.kv_heads, shape.head_dim);
        for (const KernelInfo& info : KernelTable()) {
          const WorkCount expected = info.id == selection.kernel ? work : WorkCount{};
          EXPECT_EQ(recorder.record(info.kernel).work, expected) << info.id << " " << shape.Name();
        }
      }
    }
  }
}

TEST(AttentionDispatch, AnswerDoesNotDependOnThreadsOrInstructionSet) {
  Recorder recorder;
  for (const AttentionShape& shape : kShapes) {
    const std::vector<float> expected = RunOnce(Isa::kScalar, 1, shape, recorder);
    for (const Selection& selection : kSelections) {
      if (!DetectIsaSet().Has(selection.isa)) continue;
      for (int threads : {1, 2, 3, 5}) {
        EXPECT_EQ(RunOnce(selection.isa, threads, shape, recorder), expected)
            << selection.kernel << " threads " << threads << " " << shape.Name();
      }
    }
  }
}

TEST(AttentionDispatchDeath, RefusesShapesOutsideItsLimits) {
  ThreadPool pool(1);
  Recorder recorder;
  KernelContext ctx{pool, recorder, IsaClosure(Isa::kScalar)};
  AttentionTensors tensors({0, 1, 2, 1, 32}, Pattern::kRandom, 1);
  AttentionArgs args = tensors.Args();
  args.head_dim = 48;
  EXPECT_DEATH(Attention(ctx, args), "48");
  args = tensors.Args();
  args.kv_heads = 3;
  EXPECT_DEATH(Attention(ctx, args), "2 heads, 3 kv");
  args = tensors.Args();
  args.first_position = args.capacity;
  EXPECT_DEATH(Attention(ctx, args), "in a cache of 4");
}

}  // namespace
}  // namespace bitnet
