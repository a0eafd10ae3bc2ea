// Which kernel Rope runs for which instruction sets, and that the recorder has exactly that.

#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/recorder.h"
#include "bitnet/kernels/rope/rope.h"
#include "bitnet/kernels/rope/rope_args.h"
#include "bitnet/kernels/rope/rope_table.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kHeads = 20;
constexpr int64_t kHeadDim = 128;

struct Selection {
  Isa isa;
  std::string_view kernel;
};
constexpr Selection kSelections[] = {
    {Isa::kScalar, "rope_f32_scalar"},
    {Isa::kAvx2, "rope_f32_avx2"},
    {Isa::kAvx512, "rope_f32_avx512"},
    {Isa::kAvx512Vnni, "rope_f32_avx512"},
};

// Runs `rows` rows and returns the output; `recorder` sees the call.
std::vector<float> RunOnce(Isa isa, int threads, int64_t rows, Recorder& recorder) {
  const RopeTable table = RopeTable::Create(kHeadDim, 500000.0, 64);
  std::vector<float> x(rows * kHeads * kHeadDim);
  FillPattern(Pattern::kRandom, 1, x);
  ThreadPool pool(threads);
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  Rope(ctx, {x.data(), rows, kHeads, kHeadDim, &table, 7});
  return x;
}

TEST(RopeDispatch, SelectsByName) {
  for (const Selection& selection : kSelections) {
    for (int64_t rows : {1, 2, 512}) {
      EXPECT_EQ(GetKernel(SelectKernel(Op::kRope, rows, IsaClosure(selection.isa))).id, selection.kernel);
    }
  }
}

TEST(RopeDispatch, RecordsExactlyTheKernelThatRanAndItsWork) {
  for (const Selection& selection : kSelections) {
    if (!DetectIsaSet().Has(selection.isa)) {
      GTEST_LOG_(INFO) << "not run: " << selection.kernel << ", this CPU has no " << IsaName(selection.isa);
      continue;
    }
    for (int threads : {1, 2, 3, 5}) {
      for (int64_t rows : {1, 2, 33}) {
        Recorder recorder;
        RunOnce(selection.isa, threads, rows, recorder);
        for (const KernelInfo& info : KernelTable()) {
          const WorkCount expected = info.id == selection.kernel ? RowWork(rows) : WorkCount{};
          EXPECT_EQ(recorder.record(info.kernel).work, expected) << info.id << " rows " << rows;
        }
      }
    }
  }
}

TEST(RopeDispatch, AnswerDoesNotDependOnThreadsOrInstructionSet) {
  Recorder recorder;
  const std::vector<float> expected = RunOnce(Isa::kScalar, 1, 33, recorder);
  for (const Selection& selection : kSelections) {
    if (!DetectIsaSet().Has(selection.isa)) continue;
    for (int threads : {1, 2, 3, 5}) {
      EXPECT_EQ(RunOnce(selection.isa, threads, 33, recorder), expected) << selection.kernel << " threads " << threads;
    }
  }
}

TEST(RopeDispatchDeath, RefusesPositionsBeyondTheTable) {
  ThreadPool pool(1);
  Recorder recorder;
  KernelContext ctx{pool, recorder, IsaClosure(Isa::kScalar)};
  const RopeTable table = RopeTable::Create(8, 500000.0, 10);
  std::vector<float> x(16);
  Rope(ctx, {x.data(), 2, 1, 8, &table, 8});
  EXPECT_DEATH(Rope(ctx, {x.data(), 2, 1, 8, &table, 9}), "call EnsurePositions first");
}

}  // namespace
}  // namespace bitnet
