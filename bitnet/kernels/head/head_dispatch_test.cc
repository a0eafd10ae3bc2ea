// Which kernel LogitsProjection runs for which instruction sets, and that the recorder has exactly that.

#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/head/head.h"
#include "bitnet/kernels/head/head_args.h"
#include "bitnet/kernels/known_answer.h"
#include "bitnet/kernels/recorder.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kDim = 640;
constexpr int64_t kVocab = 1003;

struct Selection {
  Isa isa;
  std::string_view kernel;
};
constexpr Selection kSelections[] = {
    {Isa::kScalar, "head_f16_scalar"},
    {Isa::kAvx2, "head_f16_avx2"},
    {Isa::kAvx512, "head_f16_avx512"},
    {Isa::kAvx512Vnni, "head_f16_avx512"},
};

std::vector<float> RunOnce(Isa isa, int threads, int64_t rows, Recorder& recorder) {
  std::vector<F16> table(kVocab * kDim);
  for (int64_t i = 0; i < kVocab * kDim; ++i) table[i] = static_cast<F16>(0x3000 + i % 4001);  // 0.125 to 2
  std::vector<float> h(rows * kDim), logits(rows * kVocab);
  FillPattern(Pattern::kRandom, 1, h);
  ThreadPool pool(threads);
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  LogitsProjection(ctx, {table.data(), kVocab, kDim, h.data(), rows, logits.data()});
  return logits;
}

TEST(LogitsProjectionDispatch, SelectsByName) {
  for (const Selection& selection : kSelections) {
    for (int64_t rows : {1, 2, 512}) {
      EXPECT_EQ(GetKernel(SelectKernel(Op::kLogitsProjection, rows, IsaClosure(selection.isa))).id, selection.kernel);
    }
  }
}

TEST(LogitsProjectionDispatch, RecordsExactlyTheKernelThatRanAndItsWork) {
  for (const Selection& selection : kSelections) {
    if (!DetectIsaSet().Has(selection.isa)) {
      GTEST_LOG_(INFO) << "not run: " << selection.kernel << ", this CPU has no " << IsaName(selection.isa);
      continue;
    }
    for (int threads : {1, 2, 3, 5}) {
      for (int64_t rows : {1, 3}) {
        Recorder recorder;
        RunOnce(selection.isa, threads, rows, recorder);
        for (const KernelInfo& info : KernelTable()) {
          const WorkCount expected = info.id == selection.kernel ? HeadWork(rows, kVocab, kDim) : WorkCount{};
          EXPECT_EQ(recorder.record(info.kernel).work, expected) << info.id << " rows " << rows;
        }
      }
    }
  }
}

TEST(LogitsProjectionDispatch, AnswerDoesNotDependOnThreadsOrInstructionSet) {
  Recorder recorder;
  for (int64_t rows : {1, 5}) {
    const std::vector<float> expected = RunOnce(Isa::kScalar, 1, rows, recorder);
    for (const Selection& selection : kSelections) {
      if (!DetectIsaSet().Has(selection.isa)) continue;
      for (int threads : {1, 2, 3, 5}) {
        EXPECT_EQ(RunOnce(selection.isa, threads, rows, recorder), expected)
            << selection.kernel << " threads " << threads;
      }
    }
  }
}

}  // namespace
}  // namespace bitnet
