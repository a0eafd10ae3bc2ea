// Which kernel SiluMul runs for which instruction sets, and that the recorder has exactly that.

#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/recorder.h"
#include "bitnet/kernels/silu_mul/silu_mul.h"
#include "bitnet/kernels/silu_mul/silu_mul_args.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kDim = 2560;

struct Selection {
  Isa isa;
  std::string_view kernel;
};
constexpr Selection kSelections[] = {
    {Isa::kScalar, "silu_mul_f32_scalar"},
    {Isa::kAvx2, "silu_mul_f32_avx2"},
    {Isa::kAvx512, "silu_mul_f32_avx512"},
    {Isa::kAvx512Vnni, "silu_mul_f32_avx512"},
};

// Runs `rows` rows and returns the output; `recorder` sees the call.
std::vector<float> RunOnce(Isa isa, int threads, int64_t rows, Recorder& recorder) {
  std::vector<float> gate(rows * kDim), up(rows * kDim), out(rows * kDim);
  FillPattern(Pattern::kRandom, 1, gate);
  FillPattern(Pattern::kRandom, 2, up);
  ThreadPool pool(threads);
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  SiluMul(ctx, {gate.data(), up.data(), out.data(), rows, kDim});
  return out;
}

TEST(SiluMulDispatch, SelectsByName) {
  for (const Selection& selection : kSelections) {
    for (int64_t rows : {1, 2, 512}) {
      EXPECT_EQ(GetKernel(SelectKernel(Op::kSiluMul, rows, IsaClosure(selection.isa))).id, selection.kernel);
    }
  }
}

TEST(SiluMulDispatch, RecordsExactlyTheKernelThatRanAndItsWork) {
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

TEST(SiluMulDispatch, AnswerDoesNotDependOnThreadsOrInstructionSet) {
  Recorder recorder;
  const std::vector<float> expected = RunOnce(Isa::kScalar, 1, 33, recorder);
  for (const Selection& selection : kSelections) {
    if (!DetectIsaSet().Has(selection.isa)) continue;
    for (int threads : {1, 2, 3, 5}) {
      EXPECT_EQ(RunOnce(selection.isa, threads, 33, recorder), expected) << selection.kernel << " threads " << threads;
    }
  }
}

}  // namespace
}  // namespace bitnet
